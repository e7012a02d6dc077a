//! Measures the time and memory of the program generator: see docs/benchmarks.md.
//!
//! bench-codegen ROUNDS DESCRIPTION...   a DESCRIPTION is an OpenAPI document

use std::{
    env, fs,
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use rollcall_codegen::{Document, Generator, Json, LANGUAGES, Operation, Style, export};

const ITEMS: usize = 1_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((rounds, files)) if rounds == "collection" && files.len() == 1 => collection(&files[0]),
        Some((rounds, files)) if !files.is_empty() => match rounds.parse() {
            Ok(rounds) => operations(rounds, files),
            Err(_) => ExitCode::from(2),
        },
        _ => ExitCode::from(2),
    }
}

/// The file's text; of a snapshot, the text below its header.
fn read(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    match text.strip_prefix("---\n").and_then(|rest| rest.split_once("---\n")) {
        Some((_, document)) => document.to_owned(),
        None => text,
    }
}

/// The shortest of several times: other programs on the machine can only add to it.
fn shortest(times: impl Iterator<Item = Duration>) -> Duration {
    times.min().unwrap_or_default()
}

/// The CPU time of this process.
fn computed() -> Duration {
    let told = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default())
}

fn operations(rounds: usize, files: &[String]) -> ExitCode {
    let texts: Vec<String> = files.iter().map(|path| read(path)).collect();
    let time = |run: &mut dyn FnMut()| {
        let began = Instant::now();
        run();
        began.elapsed()
    };
    let start = shortest((0..rounds).map(|_| time(&mut || drop(black_box(Generator::new())))));
    let read_all = || texts.iter().for_each(|text| drop(black_box(Document::read(text))));
    let reading = shortest((0..rounds).map(|_| time(&mut || read_all())));
    let documents: Vec<Document> = texts.iter().map(|text| Document::read(text).expect("a description")).collect();
    let generator = Generator::new();
    let all: Vec<&Operation> = documents.iter().flat_map(Document::operations).collect();
    let jobs = || {
        let styles = [Style::Stdlib, Style::Chilkat];
        all.iter().flat_map(move |operation| {
            LANGUAGES.iter().flat_map(move |language| {
                styles.into_iter().filter(|style| language.has(*style)).map(move |style| (*operation, language, style))
            })
        })
    };
    let slowest = jobs()
        .map(|(operation, language, style)| {
            let once = || drop(black_box(generator.generate(operation, language, style)));
            (
                shortest((0..rounds).map(|_| time(&mut { once }))),
                format!("{} in {} ({})", operation.id, language.name, style.id()),
            )
        })
        .max_by_key(|(time, _)| *time)
        .expect("an operation");
    let mut bytes = 0;
    let everything = shortest((0..rounds).map(|_| {
        bytes = 0;
        let began = computed();
        for (operation, language, style) in jobs() {
            bytes += black_box(generator.generate(operation, language, style)).map_or(0, |program| program.len());
        }
        computed() - began
    }));
    println!("generator made, templates and all: {start:.1?}");
    println!("{} descriptions read: {reading:.1?}", texts.len());
    println!("slowest program: {:.2?}, {}", slowest.0, slowest.1);
    println!(
        "{} programs ({} operations, {} languages, {bytes} bytes): {everything:.1?}",
        jobs().count(),
        all.len(),
        LANGUAGES.len()
    );

    // A collection of a thousand items: those of the descriptions, repeated, each as large as in the documents.
    let items: Vec<Json> = all.iter().filter_map(|operation| export::postman_item(operation)).collect();
    let items: Vec<Json> = items.iter().cycle().take(ITEMS).cloned().collect();
    let info = Json::from([("name", "a thousand items".into())]);
    let collection = Json::from([("info", info), ("item", items.into())]).to_string();
    let path = env::temp_dir().join("rollcall-bench-collection.json");
    fs::write(&path, collection).expect("a temporary file");
    // In a separate process, whose memory is measured.
    let program = env::current_exe().expect("this program");
    let status = std::process::Command::new(program).arg("collection").arg(&path).status().expect("this program again");
    let _ = fs::remove_file(&path);
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reads a collection, and generates all its programs one after the other.
fn collection(path: &str) -> ExitCode {
    let began = (Instant::now(), computed());
    let text = fs::read_to_string(path).expect("the collection");
    let megabytes = text.len() as f64 / 1e6;
    let document = Document::read(&text).expect("a collection");
    drop(text);
    let read = computed() - began.1;
    let generator = Generator::new();
    let (mut programs, mut bytes) = (0, 0);
    for operation in document.operations() {
        for language in LANGUAGES {
            bytes +=
                black_box(generator.generate(operation, language, Style::Stdlib)).map_or(0, |program| program.len());
            programs += 1;
        }
    }
    let (whole, waited) = (computed() - began.1, began.0.elapsed());
    let memory = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or(" unknown").trim().to_owned();
    println!(
        "collection of {} items ({megabytes:.1} MB): read in {read:.2?}, {programs} programs ({:.0} MB) in {whole:.2?} ({waited:.2?} with all that ran beside it), peak memory {peak}",
        document.operations().len(),
        bytes as f64 / 1e6,
    );
    ExitCode::SUCCESS
}
