//! Realistic names: quotes, apostrophes, accents, right-to-left scripts, emoji.

use crate::dice::Dice;

/// A first or a last name with its spelling in an address.
type Name = (&'static str, &'static str);

struct Culture {
    first: &'static [Name],
    last: &'static [Name],
    /// Written with the family name first and without a space.
    family_first: bool,
}

/// Weights of [`CULTURES`].
const WEIGHTS: [u32; 9] = [34, 20, 9, 7, 5, 6, 3, 6, 10];

#[rustfmt::skip]
const CULTURES: [Culture; 9] = [
    Culture { family_first: false,
        first: &[("Alice", "alice"), ("James", "james"), ("Maeve", "maeve"), ("Oliver", "oliver"), ("Grace", "grace"), ("Noah", "noah"), ("Hannah", "hannah"), ("Samuel", "samuel"), ("Ruth", "ruth"), ("William \"Bill\"", "bill"), ("Mary-Jane", "maryjane"), ("De'Andre", "deandre"), ("Kim 🌻", "kim"), ("Tom 👨‍🚀", "tom")],
        last: &[("O'Brien", "obrien"), ("Smith", "smith"), ("D'Angelo", "dangelo"), ("Turner-Hall", "turnerhall"), ("MacLeod", "macleod"), ("Okafor", "okafor"), ("Whitfield", "whitfield"), ("St. John", "stjohn"), ("Carter, Jr.", "carter"), ("Ng", "ng"), ("Featherstonehaugh", "featherstonehaugh")] },
    Culture { family_first: false,
        first: &[("Zoë", "zoe"), ("Søren", "soren"), ("François", "francois"), ("Jürgen", "juergen"), ("Łukasz", "lukasz"), ("Anaïs", "anais"), ("Jiří", "jiri"), ("Åsa", "asa"), ("Núria", "nuria"), ("Göran", "goeran"), ("Ştefan", "stefan")],
        last: &[("Müller", "mueller"), ("Lefèvre", "lefevre"), ("Ångström", "angstroem"), ("Wałęsa", "walesa"), ("Dvořák", "dvorak"), ("L'Hôpital", "lhopital"), ("van der Berg", "vanderberg"), ("Ibáñez", "ibanez"), ("Großmann", "grossmann"), ("Kovačević", "kovacevic")] },
    Culture { family_first: false,
        first: &[("Ana Lúcia", "analucia"), ("João", "joao"), ("María José", "mariajose"), ("Íñigo", "inigo"), ("Conceição", "conceicao"), ("Andrés", "andres")],
        last: &[("Gonçalves", "goncalves"), ("da Silva", "dasilva"), ("Núñez Peña", "nunezpena"), ("García", "garcia"), ("Araújo", "araujo")] },
    Culture { family_first: true,
        first: &[("秀英", "xiuying"), ("伟", "wei"), ("小龙", "xiaolong"), ("静", "jing"), ("建国", "jianguo")],
        last: &[("王", "wang"), ("李", "li"), ("张", "zhang"), ("欧阳", "ouyang")] },
    Culture { family_first: true,
        first: &[("花子", "hanako"), ("健太", "kenta"), ("さくら", "sakura"), ("翔", "sho")],
        last: &[("佐藤", "sato"), ("髙橋", "takahashi"), ("渡邉", "watanabe")] },
    Culture { family_first: false,
        first: &[("محمد", "mohamed"), ("فاطمة", "fatima"), ("يوسف", "youssef")],
        last: &[("العلي", "alali"), ("حسن", "hassan"), ("المصري", "almasri")] },
    Culture { family_first: false,
        first: &[("שרה", "sarah"), ("דוד", "david"), ("נועה", "noa")],
        last: &[("לוי", "levi"), ("כהן", "cohen")] },
    Culture { family_first: false,
        first: &[("Ánh", "anh"), ("민준", "minjun"), ("서연", "seoyeon"), ("Thị Hồng", "thihong"), ("Chloé 🎧", "chloe")],
        last: &[("Nguyễn", "nguyen"), ("김", "kim"), ("박", "park"), ("Trần", "tran")] },
    Culture { family_first: false,
        first: &[("Priya", "priya"), ("आरव", "aarav"), ("Kavya", "kavya"), ("Rajesh", "rajesh"), ("Ishaan", "ishaan"), ("Meera", "meera")],
        last: &[("Sharma", "sharma"), ("अय्यर", "iyer"), ("Patel", "patel"), ("D'Souza", "dsouza"), ("Venkataraman", "venkataraman")] },
];

/// A person's name.
pub(crate) struct FullName {
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) display: String,
    /// `first.last` in plain letters.
    pub(crate) mailbox: String,
}

pub(crate) fn full_name(dice: &mut Dice) -> FullName {
    let culture = &CULTURES[dice.weighted(&WEIGHTS)];
    let (first, first_plain) = *dice.pick(culture.first);
    let (last, last_plain) = *dice.pick(culture.last);
    let display = if culture.family_first { format!("{last}{first}") } else { format!("{first} {last}") };
    FullName { first, last, display, mailbox: format!("{first_plain}.{last_plain}") }
}

/// What a joining guest enters as a name: for some, less than a name.
pub(crate) fn guest_name(dice: &mut Dice) -> FullName {
    let mut name = full_name(dice);
    match dice.below(12) {
        0 => name.display = name.first.to_owned(),
        1 => name.display = format!("{} (Partner & Co.)", name.display),
        2 => name.display = format!("{}'s iPhone", name.first),
        _ => {}
    }
    name
}

pub(crate) const TOPICS_ONE_TO_ONE: [&str; 5] = ["1:1", "Catch-up", "Mentoring", "Weekly sync", "Kaffeepause ☕"];
pub(crate) const TOPICS_TEAM: [&str; 12] = [
    "Planning",
    "Retrospective",
    "Q3 review: \"north star\" & next steps",
    "Réunion d'équipe",
    "週次ミーティング",
    "Design critique",
    "Budget <draft>",
    "Release readiness",
    "Incident follow-up",
    "Abstimmung Übergabe",
    "Onboarding",
    "مراجعة المشروع",
];
pub(crate) const TOPICS_CLIENT: [&str; 5] = [
    "Customer review",
    "Sales call – Größe & Preis",
    "Partner sync",
    "Support escalation",
    "Kick-off with Partner & Co.",
];
pub(crate) const TOPICS_WEBINAR: [&str; 8] = [
    "What's new: spring release",
    "Getting started in 45 minutes",
    "Security & privacy, explained",
    "¿Cómo medir la calidad?",
    "Better meetings: a panel",
    "新機能のご紹介",
    "Ask us anything 🎤",
    "From spreadsheet to dashboard",
];
