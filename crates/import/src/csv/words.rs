//! Words of Zoom's reports in the languages of its web portal.
//!
//! Only letters and digits count, in lower case, so that `Name (Original Name)`, `名前（元の名前）` and `名前 (元の名前)` need no
//! entries for their punctuation. The words of one meaning are separated by spaces.

use super::columns::Column;

/// Names of columns.
pub(super) const COLUMNS: &[(Column, &str)] = &[
    (
        Column::Number,
        "meetingid webinarid id besprechungsid meetingkennung iddelareunión iddereunión iddelseminarioweb \
         iddelseminariowebonline iddeseminarioweb iddelaréunion identifiantdelaréunion idderéunion \
         idduwebinaire iddareunião iddewebinar iddowebinar idriunione iddellariunione idwebinar iddelwebinar \
         ミーティングid ウェビナーid 会议id 会议号 网络研讨会id 會議id 網路研討會id",
    ),
    (Column::Kind, "type meetingtype typ tipo digita タイプ 種類 类型 類型"),
    (Column::Topic, "topic thema tema sujet thème tópico argomento トピック 主题 主題"),
    (
        Column::Start,
        "starttime actualstarttime startzeit tatsächlichestartzeit beginn horadeinicio horadeinicioreal \
         heurededébut heurededébutréelle horadeinício horáriodeinício horadeiníciooficial horadeinícioreal \
         oradiinizio oradiinizioeffettiva 開始時刻 開始時間 実際の開始時刻 実際の開始時間 开始时间 实际开始时间 實際開始時間",
    ),
    (
        Column::End,
        "endtime endzeit ende horadefinalización horadefin heuredefin horadetérmino horáriodetérmino \
         horafinal oradifine 終了時刻 終了時間 结束时间 結束時間",
    ),
    (
        Column::Scheduled,
        "scheduledtime scheduledstarttime geplantezeit horaprogramada heureprévue horaagendada \
         horárioagendado orapianificata oraprogrammata スケジュールされた時刻 予定時刻 预定时间 计划时间 排定的時間",
    ),
    (Column::Created, "creationtime createdtime oradicreazione 创建时间 建立時間 作成時刻"),
    (
        Column::Host,
        "hostname host nameorganisator nombredelanfitrión anfitrión nomdelhôte hôte nomedoanfitrião anfitrião \
         nomeorganizzatore organizzatore ホスト名 ホスト 主持人名称 主持人名稱 主持人",
    ),
    (
        Column::HostEmail,
        "hostemail emaildeshosts correoelectrónicodelanfitrión emaildelhôte emaildoanfitrião \
         emailorganizzatore ホストのメール ホストのメールアドレス 主持人电子邮件 主持人電子郵件",
    ),
    (
        Column::Name,
        "name nameoriginalname username usernameoriginalname nameoriginaler nameursprünglichername \
         nameoriginalername benutzername benutzernameoriginalname benutzernameursprünglichername \
         nombrenombreoriginal nombredeusuario nombredeusuarionombreoriginal nomnomoriginal nomdutilisateur \
         nomdutilisateurnomoriginal nomenomeoriginal nomedeusuário nomedeusuárionomeoriginal \
         nomedousuárionomeoriginal nomenomeoriginale nomeutente nomeutentenomeoriginale 名前元の名前 名前オリジナルの名前 \
         ユーザー名 ユーザー名元の名前 ユーザー名オリジナルの名前 名称原名 名称原始名称 姓名原名 用户名 用户名原名 用户名原始名称 名稱原始名稱 名稱原名 使用者名稱 使用者名稱原始名稱",
    ),
    (Column::FirstName, "firstname vorname nombre prénom nome 名 名字"),
    (Column::LastName, "lastname nachname apellido apellidos nomdefamille nom sobrenome cognome 姓 姓氏"),
    (
        Column::Email,
        "useremail email emailaddress benutzeremail emailadresse correoelectrónico correo emaildelusuario \
         correoelectrónicodelusuario adresseemail adresseemaildelutilisateur emaildelutilisateur \
         emaildousuário emaildellutente indirizzoemail メール メールアドレス ユーザーのメール ユーザーのメールアドレス ユーザーのeメール 电子邮件 邮箱 \
         用户电子邮件 用户邮箱 电子邮件地址 電子郵件 電子郵件地址 使用者電子郵件",
    ),
    (
        Column::Join,
        "jointime beitrittszeit teilnahmebeginn horadeentrada horaparaunirse horadeingreso horadeunión \
         heuredarrivée heuredeconnexion heuredeparticipation ingressarnahora horáriodeentrada oradiingresso \
         oradientrata 参加時刻 参加時間 入室時刻 加入时间 加入時間",
    ),
    (
        Column::Leave,
        "leavetime austrittszeit verlassenszeit horadesalida horaparasalir heurededépart \
         heuredefindeparticipation heurededéconnexion horadesaída horáriodesaída oradiuscita 退出時刻 退出時間 退室時刻 \
         离开时间 離開時間",
    ),
    (
        Column::Minutes,
        "durationminutes totaldurationminutes timeinsessionminutes actualdurationminutes dauerminuten \
         gesamtdauerminuten tatsächlichedauerminuten zeitindersitzungminuten duraciónminutos \
         duracióntotalminutos duraciónrealminutos tiempoenlasesiónminutos duréeminutes duréetotaleminutes \
         duréeréelleminutes tempsdeprésenceenséanceminutes duraçãominutos duraçãototalminutos \
         duraçãorealminutos temponasessãominutos permanênciaminutos durataminuti duratatotaleminuti \
         durataeffettivaminuti temponellasessioneminuti 期間分 所要時間分 合計時間分 セッションの時間分 持续时间分钟 总持续时间分钟 实际持续时间分钟 \
         持續時間分鐘 出席時間分鐘",
    ),
    (
        Column::Waiting,
        "inwaitingroom imwarteraum enlasaladeespera ensaladeespera salledattente ensalledattente \
         nasaladeespera insaladattesa nellasaladattesa 待機室 待機室で待機中 在等候室 在等候室中 在等候室內",
    ),
    (Column::Participants, "participants totalparticipants teilnehmer participantes partecipanti 参加者 参会者 與會者"),
    (
        Column::Registered,
        "registrationtime registrierungszeit anmeldezeit registrierungszeitpunkt horaderegistro \
         horadeinscripción heuredinscription horadainscrição horáriodeinscrição oradiregistrazione \
         oradiiscrizione 登録時刻 登録時間 登録日時 注册时间 註冊時間 登記時間",
    ),
    (
        Column::Status,
        "approvalstatus genehmigungsstatus estadodeaprobación étatdelapprobation statutdapprobation \
         étatdapprobation statusdeaprovação statodiapprovazione 承認ステータス 承認状態 批准状态 审批状态 核准狀態",
    ),
    (
        Column::Source,
        "sourcename registrationsource quellenname nombredeorigen nombredelafuente nomdelasource nomedaorigem \
         nomedafonte nomeorigine ソース名 来源名称 來源名稱",
    ),
    (Column::Zone, "timezone zeitzone zonahoraria fuseauhoraire fusohorário fusoorario タイムゾーン 时区 時區"),
    (
        Column::Generated,
        "reportgenerated reportgeneratedtime berichterstellt informegenerado rapportgénéré relatóriogerado \
         reportgenerato レポート生成 报告生成时间 報告產生時間",
    ),
    (
        Column::Attended,
        "attended teilgenommen asistió aparticipé présent participou compareceu hapartecipato 出席済み 参加済み 已出席 \
         已参加 已參加",
    ),
    (Column::Guest, "guest isguest gast invitado invité convidado ospite ゲスト 访客 來賓 訪客"),
    (
        Column::Country,
        "countryregionname nameslandesderregion namelandregion nombredepaísregión nombredelpaísolaregión \
         nomdupaysrégion nomedopaísregião nomepaeseareageografica 国地域名 国家地区名称 國家地區名稱",
    ),
];

/// Names of the columns of a registration form, and Zoom's key of each.
pub(super) const FORM: &[(&str, &str)] = &[
    ("address", "address adresse dirección endereço indirizzo 住所 地址"),
    ("city", "city stadt ort ciudad ville cidade città 市区町村 城市"),
    ("country", "countryregion country landregion paísregión paysrégion paísregião paesearea 国地域 国家地区 國家地區"),
    (
        "zip",
        "zippostalcode zip postalcode postleitzahl códigopostal codepostal cep codicepostale cap 郵便番号 邮政编码 郵遞區號",
    ),
    (
        "state",
        "stateprovince state bundesland bundeslandprovinz estadoprovincia étatprovince estadoprovíncia \
         statoprovincia 都道府県 州省 省州",
    ),
    ("phone", "phone phonenumber telefon teléfono téléphone telefone telefono 電話 电话 電話號碼"),
    ("industry", "industry branche industria sector secteur setor settore 業界 行业 產業"),
    ("org", "organization organisation org organización organização organizzazione 組織 组织 組織名稱"),
    (
        "job_title",
        "jobtitle positionsbezeichnung berufsbezeichnung puestodetrabajo cargo intituléduposte titredeposte \
         qualifica 役職 职位 職稱",
    ),
    ("purchasing_time_frame", "purchasingtimeframe"),
    ("role_in_purchase_process", "roleinpurchaseprocess"),
    ("no_of_employees", "numberofemployees noofemployees"),
    ("comments", "questionscomments questionsandcomments comments"),
];

/// Words for yes.
pub(super) const YES: &[&str] = &["yes", "true", "1", "ja", "sí", "si", "sì", "oui", "sim", "はい", "是"];

/// Words for the status of a registration, after the stored one.
pub(super) const STATUSES: &[(&str, &str)] = &[
    (
        "approved",
        "approved genehmigt aprobado aprobada approuvé approuvée aprovado aprovada approvato approvata 承認済み \
         承認 已批准 已核准",
    ),
    (
        "pending",
        "pending pendingapproval waiting ausstehend pendiente enattente pendente insospeso inattesa 保留中 待批准 \
         待审批 待處理 擱置中",
    ),
    (
        "denied",
        "denied rejected declined abgelehnt rechazado denegado refusé recusado negado rifiutato negato 拒否 \
         拒否済み 已拒绝 已拒絕",
    ),
    (
        "cancelled",
        "cancelled canceled storniert abgebrochen cancelado annulé annullato キャンセル済み キャンセル 已取消",
    ),
];

/// Parts of words for a webinar.
pub(super) const WEBINAR: &[&str] = &["webinar", "seminarioweb", "ウェビナー", "网络研讨会", "網路研討會"];

/// Returns letters and digits of a text in lower case.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns whether a column or a value is about a webinar.
pub(super) fn is_webinar(text: &str) -> bool {
    let text = plain(text);
    WEBINAR.iter().any(|word| text.contains(word))
}

/// Returns the words of a table, each with its meaning.
pub(super) fn each<M: Copy + 'static>(table: &'static [(M, &'static str)]) -> impl Iterator<Item = (&'static str, M)> {
    table.iter().flat_map(|(meaning, words)| words.split(' ').map(|word| (word, *meaning)))
}

/// Returns the stored status of a registration.
pub(super) fn status(text: &str) -> Option<&'static str> {
    let text = plain(text);
    each(STATUSES).find(|(word, _)| *word == text).map(|(_, stored)| stored)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn each_word_has_one_meaning_and_no_punctuation() {
        let columns = each(COLUMNS).map(|(word, column)| (word, format!("{column:?}")));
        let form = each(FORM).map(|(word, key)| (word, key.to_owned()));
        let mut known = HashMap::new();
        for (word, meaning) in columns.chain(form) {
            assert_eq!(plain(word), word);
            let earlier = known.insert(word, meaning.clone()).unwrap_or_else(|| meaning.clone());
            assert_eq!(earlier, meaning, "{word}");
        }
        assert!(each(STATUSES).all(|(word, _)| plain(word) == word));
    }
}
