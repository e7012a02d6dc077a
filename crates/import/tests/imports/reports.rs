//! Attendance and registration reports in CSV.

use rollcall_import::CsvSettings;
use rollcall_model::MeetingKind;
use serde_json::{Value, json};

use crate::world::{Imported, World, line, participants};

/// The number of the meeting in these tests, and its runs.
const NUMBER: i64 = 123_456_789;
const RUN: &str = "GET /v2/report/meetings/123456789/participants";

fn settings(zone: &str, columns: &[&str]) -> CsvSettings {
    CsvSettings {
        zone: Some(zone.parse().unwrap()),
        columns: columns.iter().map(|column| column.parse().unwrap()).collect(),
        ..CsvSettings::default()
    }
}

impl World {
    async fn report(&self, request: Option<&str>, text: impl Into<Vec<u8>>) -> Imported {
        self.import_csv(request, settings("UTC", &[]), text).await
    }

    /// Name, address, join and leave time of the participants.
    async fn attendances(&self, kind: &str) -> Vec<[String; 4]> {
        let target = format!("/v2/report/{kind}s/{NUMBER}/participants?page_size=300");
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let page = self.get(&target).await;
        let rows = page["participants"].as_array().unwrap().iter();
        let mut rows: Vec<_> =
            rows.map(|row| ["name", "user_email", "join_time", "leave_time"].map(|key| text(row, key))).collect();
        rows.sort();
        rows
    }

    /// The registrants with that status.
    async fn registrants(&self, kind: &str, status: &str) -> Vec<Value> {
        let target = format!("/v2/{kind}s/{NUMBER}/registrants?status={status}&page_size=300");
        self.get(&target).await["registrants"].as_array().unwrap().clone()
    }
}

fn row(name: &str, email: &str, join: &str, leave: &str) -> [String; 4] {
    let time = |clock: &str| if clock.is_empty() { String::new() } else { format!("2026-11-20T{clock}Z") };
    [name.to_owned(), email.to_owned(), time(join), time(leave)]
}

#[tokio::test]
async fn the_portal_may_speak_any_known_language() {
    let reports = [
        // English, with a block about the meeting.
        "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n\
         123 456 789,Algebra,11/20/2026 01:10:00 PM,11/20/2026 02:00:00 PM,host@example.com,50,1\n\n\
         Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room\n\
         Ada,ada@example.com,11/20/2026 01:13:20 PM,11/20/2026 02:00:00 PM,47,No,,No\n",
        // The same in each row, with two columns of one name.
        "Topic,Meeting ID,User Name,User Email,Creation Time,Start Time,End Time,Duration (Minutes),Participants,Name \
         (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n\
         Algebra,123 456 789,Host,host@example.com,11/13/2026 10:00,11/20/2026 13:10,11/20/2026 14:00,50,1,Ada,ada@example.com,11/20/2026 13:13:20,11/20/2026 14:00:00,47,No\n",
        // German, with semicolons.
        "Thema;Meeting-ID;Startzeit;Endzeit;Teilnehmer\nAlgebra;123 456 789;20.11.2026 13:10;20.11.2026 14:00;1\n\n\
         Name (ursprünglicher Name);E-Mail;Beitrittszeit;Austrittszeit;Dauer (Minuten)\n\
         Ada;ada@example.com;20.11.2026 13:13:20;20.11.2026 14:00:00;47\n",
        // French.
        "Sujet,ID de la réunion,Heure de début,Heure de fin\nAlgebra,123 456 789,20/11/2026 13:10,20/11/2026 14:00\n\n\
         Nom (nom original),Adresse e-mail de l’utilisateur,Heure d’arrivée,Heure de départ,Durée (minutes),Invité,Salle d’attente\n\
         Ada,ada@example.com,20/11/2026 13:13:20,20/11/2026 14:00:00,47,Non,Non\n",
        // Spanish, in both wordings.
        "Tema,ID de reunión,Hora de inicio,Hora de finalización\nAlgebra,123 456 789,20/11/2026 13:10,20/11/2026 14:00\n\
         Nombre (nombre original),E-mail del usuario,Hora para unirse,Hora para salir,Duración (minutos)\n\
         Ada,ada@example.com,20/11/2026 01:13:20 p. m.,20/11/2026 02:00:00 p. m.,47\n",
        "Tema,ID,Hora de inicio\nAlgebra,123 456 789,20/11/2026 13:10\n\
         Nombre (nombre original),Correo electrónico,Hora de entrada,Hora de salida,Duración (minutos),Invitado,En sala de espera\n\
         Ada,ada@example.com,20/11/2026 13:13:20,20/11/2026 14:00:00,47,Sí,No\n",
        // Portuguese, with tabs.
        "Tópico\tID\tHora de início\nAlgebra\t123 456 789\t20/11/2026 13:10\n\n\
         Nome (nome original)\tE-mail\tIngressar na hora\tHora de saída\tDuração (minutos)\tConvidado\tNa sala de espera\n\
         Ada\tada@example.com\t20/11/2026 13:13:20\t20/11/2026 14:00:00\t47\tNão\tNão\n",
        // Italian, one row for each participant.
        "Argomento,Digita,ID,Nome organizzatore,E-mail organizzatore,Ora di inizio,Ora di fine,Partecipanti,Durata \
         (minuti),Nome (nome originale),E-mail,Ora di ingresso,Ora di uscita,Durata (minuti),Guest,In sala d’attesa\n\
         Algebra,Riunione,123 456 789,Host,host@example.com,11/20/2026 01:10:00 PM,11/20/2026 02:00:00 PM,1,50,Ada,ada@example.com,11/20/2026 01:13:20 PM,11/20/2026 02:00:00 PM,47,Sì,No\n",
        // Japanese.
        "ミーティングID,トピック,開始時刻,終了時刻\n123 456 789,Algebra,2026/11/20 13:10,2026/11/20 14:00\n\n\
         名前（元の名前）,ユーザーのメール,参加時刻,退出時刻,期間（分）\nAda,ada@example.com,2026/11/20 13:13:20,2026/11/20 14:00:00,47\n",
        // Chinese.
        "主题,类型,ID,主持人名称,主持人电子邮件,开始时间,结束时间,参会者,持续时间（分钟）,名称（原名）,电子邮件,加入时间,离开时间,持续时间（分钟）,访客,在等候室中\n\
         Algebra,会议,123 456 789,Host,host@example.com,2026/11/20 01:10:00 PM,2026/11/20 02:00:00 PM,1,50,Ada,ada@example.com,2026/11/20 01:13:20 PM,2026/11/20 02:00:00 PM,47,否,否\n",
    ];
    for text in reports {
        let world = World::new().await;
        let summary = world.report(None, text).await.whole();
        assert_eq!((summary.written.instances, summary.written.participants), (1, 1), "{text}");
        assert_eq!(
            world.attendances("meeting").await,
            [row("Ada", "ada@example.com", "13:13:20", "14:00:00")],
            "{text}"
        );
        let run = world.get(&format!("/v2/report/meetings/{NUMBER}")).await;
        assert_eq!((&run["topic"], &run["start_time"]), (&json!("Algebra"), &json!("2026-11-20T13:10:00Z")), "{text}");
        world.report(None, text).await.whole();
        assert_eq!(world.attendances("meeting").await.len(), 1, "{text}");
    }
}

/// A webinar's attendee report.
const ATTENDEES: &str = "\u{feff}Attendee Report,\nReport Generated:,\"Nov 20, 2026 2:31 PM\"\n\
    Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers\n\
    Launch,123-456-789,\"Nov 20, 2026 1:00 PM\", 60, 3,0,1\n\
    Host Details,\nAttended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is \
    Guest,Country/Region Name\n\
    Yes,Host,host@example.com,\"Nov 20, 2026 13:00:00\",\"Nov 20, 2026 14:00:00\",60,No,India\n\
    Panelist Details,,,,,,,\n\
    Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name\n\
    Yes,Pat,pat@example.com,\"Nov 20, 2026 13:00:00\",\"Nov 20, 2026 14:00:00\",60,Yes,India\n\
    Attendee Details,\n\
    Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,Join \
    Time,Leave Time,Time in Session (minutes),Is Guest,\"Your role, if any\",Country/Region Name,Source Name\n\
    Yes,Ada L,Ada,Lovelace,Ada@example.com,+44 1,\"Nov 1, 2026 09:00:00\",approved,\"Nov 20, 2026 13:01:00\",\"Nov 20, \
    2026 13:20:00\",19,Yes,Engineer,India,Mail\n\
    Yes,Ada L,Ada,Lovelace,Ada@example.com,,,,\"Nov 20, 2026 13:30:00\",\"Nov 20, 2026 14:00:00\",30,Yes,,India,\n\
    No,Ben,Ben,Bee,ben@example.com,,\"Nov 2, 2026 09:00:00\",approved,--,--,--,--,--,,Site\n\
    No,Cy,Cy,,cy@example.com,,\"Nov 3, 2026 09:00:00\",denied,--,--,--,--,,,\n";

#[tokio::test]
async fn a_webinars_report_has_attendances_and_registrations() {
    let world = World::new().await;
    let summary = world.report(None, ATTENDEES).await.whole();
    assert_eq!((summary.written.participants, summary.written.registrants), (4, 3));
    let attended = world.attendances("webinar").await;
    assert_eq!(attended[0], row("Ada L", "Ada@example.com", "13:01:00", "13:20:00"));
    assert_eq!(attended[1], row("Ada L", "Ada@example.com", "13:30:00", "14:00:00"));
    assert_eq!(attended.len(), 4, "those who did not attend have no attendance");
    let approved = world.registrants("webinar", "approved").await;
    assert_eq!(approved.len(), 2);
    let ada = &approved[0];
    assert_eq!(
        (&ada["first_name"], &ada["last_name"], &ada["phone"]),
        (&json!("Ada"), &json!("Lovelace"), &json!("+44 1"))
    );
    assert_eq!(ada["custom_questions"], json!([{"title": "Your role, if any", "value": "Engineer"}]));
    assert_eq!((&ada["create_time"], &ada["source_name"]), (&json!("2026-11-01T09:00:00Z"), &json!("Mail")));
    assert_eq!(world.registrants("webinar", "denied").await.len(), 1);
    assert!(summary.unkept.contains_key("Is Guest") && !summary.unkept.contains_key("Phone"), "{:?}", summary.unkept);
}

#[tokio::test]
async fn a_registration_counts_once_however_it_is_known() {
    let report = "Registration Report\nReport Generated:,\"11/13/2026 02:31:08 PM\"\n\
        Topic,Webinar ID,Scheduled Time,Duration (minutes),# Registered,# Cancelled,# Approved\n\
        Launch,123 456 789,11/20/2026 01:00:00 PM,60,2,0,2\n\
        Attendee Details\n\
        First Name,Last Name,Email,City,Country/Region,Organization,Registration Time,Approval Status,How did you hear?,Source Name\n\
        Ada,Lovelace,ADA@example.com,London,GB,\"Analytical, Inc.\",11/01/2026 09:00:00 AM,approved,\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",Mail\n\
        Ben,-1+1,ben@example.com,,,@SUM(A1),11/02/2026 09:00:00 AM,pending approval,,\n";
    let page = json!({"registrants": [
        {"id": "r1", "email": "ada@example.com", "first_name": "Ada", "zip": "W1", "status": "approved"},
    ]});
    let body = line("GET /v2/webinars/123456789/registrants", &page);
    for csv_first in [true, false] {
        let world = World::new().await;
        for is_csv in [csv_first, !csv_first, true] {
            let imported = if is_csv { world.report(None, report).await } else { world.import(body.clone()).await };
            imported.whole();
        }
        let approved = world.registrants("webinar", "approved").await;
        assert_eq!(approved.len(), 1, "{approved:?}");
        let ada = &approved[0];
        assert_eq!((&ada["id"], &ada["zip"], &ada["city"]), (&json!("r1"), &json!("W1"), &json!("London")));
        assert_eq!((&ada["org"], &ada["country"]), (&json!("Analytical, Inc."), &json!("GB")));
        let formula = "=HYPERLINK(\"http://x\",\"y\")";
        assert_eq!(ada["custom_questions"], json!([{"title": "How did you hear?", "value": formula}]));
        let pending = world.registrants("webinar", "pending").await;
        assert_eq!((&pending[0]["last_name"], &pending[0]["org"]), (&json!("-1+1"), &json!("@SUM(A1)")));
        let webinar = world.get(&format!("/v2/webinars/{NUMBER}")).await;
        assert_eq!((&webinar["topic"], &webinar["duration"]), (&json!("Launch"), &json!(60)));
    }
}

#[tokio::test]
async fn plain_reports_need_their_request() {
    let world = World::new().await;
    let people = "Name,Email,Join Time,Leave Time\nAda,,2026-11-20 13:00:00,2026-11-20 14:00:00\n";
    let registrants = "First Name,Last Name,Email,Registration Time\nAda,L,ada@example.com,2026-11-01 09:00:00\n";
    for (text, request, told) in [
        (people, None, "line 2: the file has participants, but does not say of which run."),
        (people, Some("GET /v2/meetings/123456789/registrants"), "GET /v2/report/meetings/ID/participants"),
        (registrants, None, "line 2: the file has registrants, but does not say of which meeting."),
        (
            registrants,
            Some("GET /v2/report/meetings/gm8s9L+PTEC+FG3sFbd1Cw==/participants"),
            "/v2/meetings/ID/registrants",
        ),
    ] {
        let stopped = world.report(request, text).await.stopped.unwrap().to_string();
        assert!(stopped.contains(told), "{stopped}");
    }
    let other = world.report(Some("GET /v2/users"), people).await;
    assert!(other.problems[0].contains("'GET /v2/meetings/123456789/registrants'"), "{:?}", other.problems);
    assert!(world.try_get(&format!("/v2/meetings/{NUMBER}")).await.is_none(), "nothing was written");
    world.report(Some(RUN), people).await.whole();
    assert_eq!(world.attendances("meeting").await, [row("Ada", "", "13:00:00", "14:00:00")]);
    world.report(Some("GET /v2/meetings/123456789/registrants"), registrants).await.whole();
    world.report(Some(RUN), registrants).await.whole();
}

#[tokio::test]
async fn a_report_about_another_meeting_is_refused_whole() {
    let text = "Meeting ID,Topic,Start Time\n987654321,Algebra,2026-11-20 13:00:00\n\nName,Join Time\nAda,2026-11-20 13:00:00\n";
    let world = World::new().await;
    let stopped = world.report(Some(RUN), text).await.stopped.unwrap().to_string();
    assert!(
        stopped.contains("line 2: the file is about meeting 987654321, but --request names 123456789"),
        "{stopped}"
    );
    let two = "Meeting ID,Topic,Start Time\n123456789,Algebra,2026-11-20 13:00:00\n123456789,Algebra,2026-11-21 13:00:00\n\n\
               Name,Join Time\nAda,2026-11-20 13:00:00\n";
    let stopped = world.report(None, two).await.stopped.unwrap().to_string();
    assert!(stopped.contains("line 6: several meetings come before these participants"), "{stopped}");
    for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
        assert!(world.participants(kind, NUMBER).await.is_empty());
    }
    // A run by its UUID keeps it.
    let own = "Meeting ID,Topic,Start Time\n123456789,Algebra,2026-11-20 13:00:00\n\nName,Join Time\nAda,2026-11-20 13:00:00\n";
    let request = "GET /v2/report/meetings/gm8s9L+PTEC+FG3sFbd1Cw==/participants";
    world.report(Some(request), own).await.whole();
    assert_eq!(world.get(&format!("/v2/past_meetings/{NUMBER}")).await["uuid"], json!("gm8s9L+PTEC+FG3sFbd1Cw=="));
}

#[tokio::test]
async fn text_may_have_several_encodings() {
    let text = "Topic,Meeting ID,Start Time\nÜbung,123456789,2026-11-20 13:00\n\nName,Join Time,Leave Time\n王小龙 😀,2026-11-20 13:00,\n";
    let wide = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(to_bytes).collect()
    };
    let crlf = text.replace('\n', "\r\n");
    for bytes in [
        text.into(),
        format!("\u{feff}{text}").into_bytes(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        crlf.into_bytes(),
        format!("sep=;\n{}", text.replace(',', ";")).into_bytes(),
    ] {
        let world = World::new().await;
        world.report(None, bytes).await.whole();
        assert_eq!(world.attendances("meeting").await, [row("王小龙 😀", "", "13:00:00", "")]);
    }
    let mut odd = wide(u16::to_le_bytes);
    odd.pop();
    for (bytes, told) in [
        (b"Name,Join Time\nAda,2026-11-20 13:00\nZo\xeb,2026-11-20 13:00\n".to_vec(), "line 3, byte 3: not UTF-8."),
        (odd, "the file is cut off, or not UTF-16"),
        (wide(u16::to_le_bytes)[2..].to_vec(), "line 1: a zero byte."),
    ] {
        let world = World::new().await;
        let imported = world.report(Some(RUN), bytes).await;
        let stopped = imported.stopped.map(|error| error.to_string()).unwrap_or_default();
        assert!(stopped.contains(told), "{stopped}");
        assert!(world.participants(MeetingKind::Meeting, NUMBER).await.is_empty());
    }
}

#[tokio::test]
async fn an_unknown_header_is_shown_and_can_be_named() {
    let text = "Nimi;Sähköposti;Liittyi;Poistui\nAda;ada@example.com;20.11.2026 13:00;20.11.2026 14:00\n";
    let world = World::new().await;
    let stopped = world.report(Some(RUN), text).await.stopped.unwrap().to_string();
    let told = "no row has known column names. Line 1 has `Nimi`, `Sähköposti`, `Liittyi`, `Poistui`.";
    assert!(stopped.starts_with(told), "{stopped}");
    assert!(stopped.contains("--column") && stopped.contains("waiting-room"), "{stopped}");
    let named = settings("UTC", &["name=Nimi", "email=SÄHKÖPOSTI", "join=Liittyi", "leave=Poistui"]);
    world.import_csv(Some(RUN), named, text).await.whole();
    assert_eq!(world.attendances("meeting").await, [row("Ada", "ada@example.com", "13:00:00", "14:00:00")]);
    // A name that the caller gives to one column is taken from the others.
    let two = "Name,Email,Email address,Join Time\nBen,a@example.com,b@example.com,2026-11-20 13:00\n";
    let imported = world.report(Some(RUN), two).await;
    assert_eq!(
        imported.problems,
        ["line 2: columns 2 (Email) and 3 (Email address) have the same meaning and differ: delete one of them, or \
          choose with --column email=…"]
    );
    world.import_csv(Some(RUN), settings("UTC", &["email=Email address"]), two).await.whole();
    assert_eq!(world.attendances("meeting").await[1], row("Ben", "b@example.com", "13:00:00", ""));
    for text in ["email", "email=", "mail=E-Mail", "email=--"] {
        let wrong = text.parse::<rollcall_import::ColumnName>().unwrap_err().to_string();
        assert!(wrong.contains("NAME is one of name, first-name"), "{wrong}");
    }
}

#[tokio::test]
async fn dates_that_allow_both_orders_are_refused() {
    let text = "Name,Join Time,Leave Time\nAda,11/10/2026 01:00:00 PM,11/10/2026 02:00:00 PM\n";
    let world = World::new().await;
    let stopped = world.report(Some(RUN), text).await.stopped.unwrap().to_string();
    assert!(
        stopped.starts_with("line 2: `11/10/2026 01:00:00 PM` may begin with the month or with the day"),
        "{stopped}"
    );
    assert!(world.participants(MeetingKind::Meeting, NUMBER).await.is_empty());
    for (order, join) in [("month-first", "2026-11-10T13:00:00Z"), ("day-first", "2026-10-11T13:00:00Z")] {
        let world = World::new().await;
        let chosen = CsvSettings { date_order: Some(order.parse().unwrap()), ..settings("UTC", &[]) };
        world.import_csv(Some(RUN), chosen, text).await.whole();
        assert_eq!(world.attendances("meeting").await[0][2], join);
    }
}

#[tokio::test]
async fn a_damaged_row_is_named_and_the_others_are_kept() {
    let head = "Name,Email,Join Time,Leave Time,Guest,Duration (Minutes)\n";
    let good = "Ada,ada@example.com,2026-11-20 13:00:00,2026-11-20 14:00:00,No,60\n";
    for (bad, told) in [
        ("Ben,ben@example.com,2026-11-20 13:00:00,2026-11-20", "the file ends in this row, after 4 of 6 columns."),
        ("Ben,ben@exam", "the file ends in this row, after 2 of 6 columns."),
        ("Ben,ben@example.com,2026-11-20 13:00:00,,N", "the file ends in this row, after 5 of 6 columns."),
        ("\"Ben, the", "the quote before column 1 is never closed: the file is cut off"),
        ("Ben,\"ben@example.com,2026-11-20 13:00:00\nCleo,,,\n", "the quote before column 2 is never closed"),
        (
            "Bee, Ben,ben@example.com,2026-11-20 13:00:00,2026-11-20 14:00:00,No,60\n",
            "the row has 7 cells, but the header names 6",
        ),
        (
            "Ben\nBee,ben@example.com,2026-11-20 13:00:00,2026-11-20 14:00:00,No,60\n",
            "the row has 1 of 6 columns: it is cut off",
        ),
        (
            "Ben,,soon,,No,60\n",
            "column 3 (Join Time): `soon` is not a date with a time. Write it like 2026-11-20 16:00:00",
        ),
        (",,2026-11-20 13:00:00,,No,60\n", "neither a name nor an address"),
    ] {
        let world = World::new().await;
        let imported = world.report(Some(RUN), format!("{head}\n{good}{bad}")).await;
        assert_eq!(imported.problems.len(), 1, "{bad}: {:?}", imported.problems);
        assert!(imported.problems[0].starts_with("line 4: "), "{bad}: {:?}", imported.problems);
        assert!(imported.problems[0].contains(told), "{bad}: {:?}", imported.problems);
        assert!(imported.stopped.is_none());
        let names: Vec<String> = world.attendances("meeting").await.into_iter().map(|[name, ..]| name).collect();
        assert!(names.contains(&"Ada".to_owned()) && !names.contains(&"Ben".to_owned()), "{bad}: {names:?}");
    }
}

#[tokio::test]
async fn a_damaged_registration_is_named() {
    let request = Some("GET /v2/webinars/123456789/registrants");
    let head = "First Name,Last Name,Email,Registration Time,Approval Status\n";
    for (bad, told) in [
        ("Ben,B,,2026-11-01 09:00,approved\n", "no email address, which identifies a registrant"),
        (
            "Ben,B,ben at example,2026-11-01 09:00,approved\n",
            "column 3 (Email): `ben at example` is not an email address",
        ),
        ("Ben,B,ben@example.com,yesterday,approved\n", "column 4 (Registration Time): `yesterday` is not a date"),
        ("Ben,B,ben@example.com,2026-11-01 09:00,maybe\n", "column 5 (Approval Status): `maybe` is not approved"),
    ] {
        let world = World::new().await;
        let text = format!("{head}Ada,L,ada@example.com,2026-11-01 09:00,approved\n{bad}");
        let imported = world.report(request, text).await;
        assert!(
            imported.problems[0].starts_with("line 3: ") && imported.problems[0].contains(told),
            "{:?}",
            imported.problems
        );
        assert_eq!(imported.summary.written.registrants, 1);
    }
}

#[tokio::test]
async fn a_spreadsheets_meeting_number_is_refused() {
    let world = World::new().await;
    let text = |number: &str| {
        format!(
            "Topic,Meeting ID,Start Time\nAlgebra,{number},2026-11-20 13:00\n\nName,Join Time\nAda,2026-11-20 13:00\n"
        )
    };
    let stopped = world.report(None, text("1.23E+08")).await.stopped.unwrap().to_string();
    assert!(
        stopped.starts_with("line 5: it belongs to the meeting above, which cannot be read: line 2: "),
        "{stopped}"
    );
    assert!(stopped.contains("column 2 (Meeting ID): `1.23E+08` is not a meeting's number."), "{stopped}");
    assert!(world.participants(MeetingKind::Meeting, NUMBER).await.is_empty());
    world.report(None, text("\"=\"\"123 456 789\"\"\"")).await.whole();
    assert_eq!(world.attendances("meeting").await.len(), 1);
}

#[tokio::test]
async fn webex_registrants_go_to_their_meeting() {
    let series = "870f51ff287b41be84648412901e0402";
    let meeting = line(
        &format!("GET /v1/meetings/{series}"),
        &json!({"id": series, "meetingNumber": "123456789", "title": "Launch", "meetingType": "meetingSeries",
            "scheduledType": "webinar", "start": "2026-11-20T13:00:00Z", "end": "2026-11-20T14:00:00Z"}),
    );
    let ada = json!({"id": "fbd83190-97b2-4bb0-b56b-8fde463d137b", "status": "rejected", "firstName": "Ada",
        "lastName": "Lovelace", "email": "ada@example.com", "companyName": "Analytical", "zipCode": 501,
        "registrationTime": "2026-11-01T09:00:00+08:00", "sourceId": "cisco", "newKey": 1});
    let list = line(
        &format!("GET /v1/meetings/{series}/registrants?max=100"),
        &json!({"items": [ada, {"id": "x", "status": "maybe"}]}),
    );
    let one = line(&format!("GET /v1/meetings/{series}/registrants/fbd83190-97b2-4bb0-b56b-8fde463d137b"), &ada);
    // Registrants wait for their meeting.
    let world = World::new().await;
    let imported = world.import(format!("{list}\n{one}\n{meeting}")).await;
    assert_eq!(imported.problems.len(), 1, "{:?}", imported.problems);
    assert!(imported.problems[0].contains("items[1].status: `maybe` is not approved"), "{:?}", imported.problems);
    assert!(imported.summary.unkept.contains_key("items[].newKey"), "{:?}", imported.summary.unkept);
    let target = format!("/v1/meetings/{series}/registrants?registrationTimeFrom=2026-10-31T00:00:00Z");
    let served = world.get(&target).await;
    let mut expected = ada.clone();
    expected["registrationTime"] = json!("2026-11-01T01:00:00+00:00");
    expected.as_object_mut().unwrap().remove("newKey");
    assert_eq!(served["items"], json!([expected]));
    // The other vendor's API has them, too, as its own values.
    let denied = world.registrants("webinar", "denied").await;
    assert_eq!((&denied[0]["org"], &denied[0]["zip"]), (&json!("Analytical"), &json!("501")));
    let unknown = World::new().await.import(list).await;
    let told = format!("meeting {series} is not known yet: import the response to GET /v1/meetings/{series} as well");
    assert!(unknown.problems[0].contains(&told), "{:?}", unknown.problems);
}

#[tokio::test]
async fn a_csv_and_a_page_of_one_run_share_it() {
    let world = World::new().await;
    let list =
        json!({"meetings": [{"uuid": "gm8s9L+PTEC+FG3sFbd1Cw==", "id": NUMBER, "start_time": "2026-11-20T13:00:02Z"}]});
    world.import_body("GET /v2/metrics/meetings?type=past", list.to_string()).await.whole();
    let text =
        "Topic,Meeting ID,Start Time\nAlgebra,123456789,2026-11-20 13:00\n\nName,Join Time\nAda,2026-11-20 13:00\n";
    world.report(None, text).await.whole();
    let page = participants(&["1"]).to_string();
    world.import_body("GET /v2/metrics/meetings/gm8s9L+PTEC+FG3sFbd1Cw==/participants?type=past", page).await.whole();
    assert_eq!(world.participants(MeetingKind::Meeting, NUMBER).await.len(), 2);
}
