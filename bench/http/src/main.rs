//! Measures the server over HTTP, in comparison with others, and prints the results and targets.

mod bare;
mod client;
mod measure;
mod process;
mod recording;
mod report;
mod statistics;
mod walk;
mod world;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use lexopt::{Arg, ValueExt as _};
use measure::Setup;
use report::Report;
use world::World;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

const USAGE: &str = "\
usage: bench-http run --rollcall PROGRAM --prism FOLDER [--dir FOLDER] [--rounds N] [--fresh] [MEASURE…]
       bench-http bare RECORDING

measures [default: all]: pages, prism, growth, memory, start, hooks
--dir     folder of worlds kept between runs [default: $ROLLCALL_BENCH_DIR or /tmp/rollcall-bench]
--rounds  number of rounds per figure [default: 7]
--fresh   recreates the worlds";

const DEFAULT_ROUNDS: usize = 7;
const MAX_ROUNDS: usize = 1_000;

type Measure = fn(&Setup) -> Result<()>;

const MEASURES: [(&str, Measure); 6] = [
    ("pages", measure::pages::measure),
    ("prism", measure::prism::measure),
    ("growth", measure::growth::measure),
    ("memory", measure::memory::measure),
    ("start", measure::start::measure),
    ("hooks", measure::hooks::measure),
];

/// The options of the command line.
enum Asked {
    Bare(PathBuf),
    Run(Setup, Vec<(&'static str, Measure)>),
}

fn main() -> ExitCode {
    let asked = match parse(lexopt::Parser::from_env()) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match asked {
        Asked::Bare(file) => match bare::serve(&file) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Asked::Run(setup, measures) => run(&setup, &measures),
    }
}

/// Runs every measurement. A missed target is a result; a failed measurement is an error.
fn run(setup: &Setup, measures: &[(&str, Measure)]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for (name, measure) in measures {
        if let Err(error) = measure(setup) {
            eprintln!("{name} could not be measured: {error}");
            code = ExitCode::FAILURE;
        }
    }
    setup.report.print();
    code
}

fn parse(mut parser: lexopt::Parser) -> Result<Asked> {
    let (mut rollcall, mut prism, mut dir) = (None, None, None);
    let (mut rounds, mut fresh) = (DEFAULT_ROUNDS, false);
    let mut words: Vec<OsString> = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("rollcall") => rollcall = Some(PathBuf::from(parser.value()?)),
            Arg::Long("prism") => prism = Some(PathBuf::from(parser.value()?)),
            Arg::Long("dir") => dir = Some(PathBuf::from(parser.value()?)),
            Arg::Long("rounds") => rounds = parser.value()?.parse()?,
            Arg::Long("fresh") => fresh = true,
            Arg::Value(word) => words.push(word),
            other => return Err(other.unexpected().into()),
        }
    }
    let mut words = words.into_iter();
    let command = words.next().unwrap_or_default();
    match command.to_str() {
        Some("bare") => match (words.next(), words.next()) {
            (Some(file), None) => Ok(Asked::Bare(file.into())),
            _ => fail("bare takes one recording"),
        },
        Some("run") => {
            if !(1..=MAX_ROUNDS).contains(&rounds) {
                return fail(format!("--rounds takes 1 to {MAX_ROUNDS}"));
            }
            let from_environment = || std::env::var_os("ROLLCALL_BENCH_DIR").map(PathBuf::from);
            let setup = Setup {
                rollcall: rollcall.ok_or("--rollcall is missing")?,
                prism: prism.ok_or("--prism is missing")?,
                dir: dir.or_else(from_environment).unwrap_or_else(|| "/tmp/rollcall-bench".into()),
                rounds,
                report: Report::default(),
            };
            if fresh {
                World::forget_all(&setup.dir)?;
            }
            let named = |word: OsString| {
                let measure = MEASURES.iter().find(|(name, _)| word == *name).copied();
                measure.ok_or_else(|| Error::from(format!("there is no measure {}", word.display())))
            };
            let measures: Vec<_> = words.map(named).collect::<Result<_>>()?;
            Ok(Asked::Run(setup, if measures.is_empty() { MEASURES.to_vec() } else { measures }))
        }
        _ => fail("say what to do"),
    }
}

fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(message.into().into())
}
