//! Writes the simulated company's attendances as CSV to a file, for other programs, and measures the names of its persons:
//! prints precision, recall and seconds as JSON. `bench/people` compares them.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "this is a measurement")]

#[path = "../tests/company/mod.rs"]
mod company;

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    time::Instant,
};

use company::{Attendance, Score, score, simulated};

fn main() {
    let (attendances, known) = simulated();
    if let Some(path) = std::env::args().nth(1) {
        let mut file = BufWriter::new(File::create(path).unwrap());
        writeln!(file, "unique_id,person,instance,login,email,name,device").unwrap();
        for (id, Attendance { person, instance, participant }) in attendances.iter().enumerate() {
            let email = participant.email.as_deref().unwrap_or_default();
            // The account's list of users, which both programs get, shows the login of an address.
            let login = participant.id.as_ref().or_else(|| known.logins.get(email));
            let login = login.map_or("", |login| login.as_str());
            let name = participant.user_name.as_deref().unwrap_or_default();
            let device = participant.mac_addr.as_deref().unwrap_or_default();
            writeln!(file, "{id},{person},{instance},{login},{email},{name},{device}").unwrap();
        }
        file.flush().unwrap();
    }
    let begin = Instant::now();
    let Score { precision, recall } = score(&attendances, &known);
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{{\"attendances\": {}, \"precision\": {precision:.5}, \"recall\": {recall:.5}, \"seconds\": {seconds:.3}}}",
        attendances.len()
    );
}
