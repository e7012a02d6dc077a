//! Each language evaluates its own literals: thousands of strings in one run of the interpreter.

use std::{io::Write as _, process::Command};

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::*;

/// Random strings, with more of the characters that are special in some language.
fn texts() -> Vec<String> {
    let special = prop::sample::select(
        "\\\"'$`{}[]()<>#@%&*/;\n\r\t~!?=-+|^ \u{1}\u{7f}\u{2028}\u{202e}é😀ש".chars().collect::<Vec<_>>(),
    );
    let any = any::<char>().prop_filter("no NUL", |c| *c != '\0');
    let letter = prop::char::range('a', 'z');
    let text = prop::collection::vec(prop_oneof![3 => special, 1 => any, 2 => letter], 0..24);
    let text = text.prop_map(|chars| chars.into_iter().collect::<String>());
    let mut runner = TestRunner::deterministic();
    let mut texts: Vec<String> = (0..3_000).map(|_| text.new_tree(&mut runner).unwrap().current()).collect();
    texts.push("x'".repeat(600));
    texts.push("é".repeat(900));
    texts
}

/// Runs a program whose output must be the strings in hexadecimal, one per line. Returns false if the interpreter is
/// missing.
fn check(command: &[&str], extension: &str, texts: &[String], program: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("literals.{extension}"));
    std::fs::File::create(&path).unwrap().write_all(program.as_bytes()).unwrap();
    let mut run = Command::new(command[0]);
    let output = match run.args(&command[1..]).arg(&path).current_dir(folder.path()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: {} is not installed", command[0]);
            return false;
        }
        Err(error) => panic!("{}: {error}", command[0]),
    };
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}{}", String::from_utf8_lossy(&output.stdout));
    // Compiled output is run, with Mono if necessary.
    let built = folder.path().join("literals");
    let mut made = if command[0] == "mcs" { Command::new("mono") } else { Command::new(&built) };
    if command[0] == "mcs" {
        made.arg(&built);
    }
    let printed = if built.exists() { made.output().unwrap().stdout } else { output.stdout };
    let printed = String::from_utf8(printed).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), texts.len(), "{command:?}");
    for (line, text) in lines.iter().zip(texts) {
        let expected: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(line.trim().to_lowercase(), expected, "{command:?}: {text:?}");
    }
    true
}

/// Returns one statement for each string, with its literal.
fn statements(texts: &[String], literal: fn(&str) -> String, statement: impl Fn(&str) -> String) -> String {
    texts.iter().map(|text| statement(&literal(text)) + "\n").collect()
}

#[test]
fn python_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, python, |literal| format!("print({literal}.encode().hex())"));
    check(&["python3"], "py", &texts, &body);
}

#[test]
fn javascript_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, json, |literal| format!("console.log(Buffer.from({literal}).toString('hex'));"));
    check(&["node"], "mjs", &texts, &body);
}

#[test]
fn go_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, go, |literal| format!("\tp({literal})"));
    let head = "package main\n\nimport \"fmt\"\n\nfunc p(text string) { fmt.Printf(\"%x\\n\", text) }\n";
    check(&["go", "run"], "go", &texts, &format!("{head}\nfunc main() {{\n{body}}}\n"));
}

#[test]
fn rust_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, rust, |literal| format!("    {literal},"));
    let tail = "];\nfn main() {\n    for text in TEXTS {\n        for byte in text.bytes() {\n            print!(\"{byte:02x}\");\n        \
                }\n        println!();\n    }\n}\n";
    check(&["rustc", "--edition=2021"], "rs", &texts, &format!("const TEXTS: &[&str] = &[\n{body}{tail}"));
}

/// In several classes, as Java allows a method 64 kB.
#[test]
fn java_reads_what_was_meant() {
    let texts = texts();
    let mut program = "import java.nio.charset.StandardCharsets;\npublic class literals {\n    static void p(String text) {\n        \
                       StringBuilder line = new StringBuilder();\n        for (byte b : text.getBytes(StandardCharsets.UTF_8)) \
                       line.append(String.format(\"%02x\", b));\n        System.out.println(line);\n    }\n"
        .to_owned();
    let parts: Vec<&[String]> = texts.chunks(500).collect();
    let calls: String = (0..parts.len()).map(|part| format!("P{part}.run(); ")).collect();
    program += &format!("    public static void main(String[] a) {{ {calls}}}\n}}\n");
    for (part, texts) in parts.into_iter().enumerate() {
        let body = statements(texts, java, |literal| format!("        literals.p({literal});"));
        program += &format!("class P{part} {{\n    static void run() {{\n{body}    }}\n}}\n");
    }
    check(&["java", "-Dfile.encoding=UTF-8"], "java", &texts, &program);
}

#[test]
fn c_sharp_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, json, |literal| format!("        {literal},"));
    let program = format!(
        "class Literals {{\n    static readonly string[] Texts = {{\n{body}    }};\n    static void Main() {{\n        foreach (string text \
         in Texts) {{\n            foreach (byte b in new System.Text.UTF8Encoding(false).GetBytes(text)) \
         System.Console.Write(b.ToString(\"x2\"));\n            System.Console.WriteLine();\n        }}\n    }}\n}}\n"
    );
    check(&["mcs", "-out:literals"], "cs", &texts, &program);
}

#[test]
fn ruby_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, ruby, |literal| format!("puts {literal}.unpack1(\"H*\")"));
    check(&["ruby"], "rb", &texts, &body);
}

#[test]
fn c_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, c, |literal| format!("    p({literal});"));
    let head = "#include <stdio.h>\nstatic void p(const char *text)\n{\n    for (; *text; text++) printf(\"%02x\", (unsigned char) \
                *text);\n    puts(\"\");\n}\n";
    check(&["cc", "-std=c11", "-o", "literals"], "c", &texts, &format!("{head}int main(void)\n{{\n{body}}}\n"));
}

#[test]
fn lua_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, lua, |literal| format!("p({literal})"));
    let head =
        "local function p(text) print((text:gsub(\".\", function(c) return (\"%02x\"):format(c:byte()) end))) end\n";
    check(&["lua5.4"], "lua", &texts, &format!("{head}{body}"));
}

#[test]
fn r_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, r, |literal| format!("p({literal})"));
    let head = "p <- function(text) writeLines(paste(as.character(charToRaw(enc2utf8(text))), collapse = \"\"))\n";
    check(&["Rscript"], "r", &texts, &format!("{head}{body}"));
}

#[test]
fn php_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, php, |literal| format!("echo bin2hex({literal}), \"\\n\";"));
    check(&["php"], "php", &texts, &format!("<?php\n{body}"));
}

#[test]
fn perl_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, perl, |literal| format!("p({literal});"));
    let head = "use utf8; sub p { my $t = shift; utf8::encode($t); print unpack('H*', $t), \"\\n\"; }\n";
    check(&["perl"], "pl", &texts, &format!("{head}{body}"));
}

#[test]
fn tcl_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, tcl, |literal| format!("    p {literal}"));
    let head = "proc p {text} { puts [binary encode hex [encoding convertto utf-8 $text]] }\n";
    // In a body in braces, like most literals of a program.
    check(&["tclsh", "-encoding", "utf-8"], "tcl", &texts, &format!("{head}if {{1}} {{\n{body}}}\n"));
}

#[test]
fn bash_reads_what_was_meant() {
    let texts = texts();
    let body =
        statements(&texts, shell, |literal| format!("printf %s {literal} | od -An -v -tx1 | tr -d ' \\n'; echo"));
    check(&["bash"], "sh", &texts[..400], &body.lines().take(lines_of(&texts[..400])).collect::<Vec<_>>().join("\n"));
}

/// Returns the number of lines of the statements, because a shell's literals may contain line ends.
fn lines_of(texts: &[String]) -> usize {
    statements(texts, shell, |literal| format!("printf %s {literal}")).lines().count()
}

#[test]
fn jq_reads_what_was_meant() {
    let texts = texts();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("literals.jq");
    std::fs::write(&path, format!("[{}]", texts.iter().map(|text| jq(text)).collect::<Vec<_>>().join(",\n"))).unwrap();
    let Ok(output) = Command::new("jq").arg("-n").arg("-f").arg(&path).output() else {
        println!("skipped: jq is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(serde_json::from_slice::<Vec<String>>(&output.stdout).unwrap(), texts);
}

#[test]
fn free_pascal_reads_what_was_meant() {
    let texts = texts();
    let body = statements(&texts, pascal, |literal| format!("  P({literal});"));
    let head = "{$mode delphi}{$H+}\nuses SysUtils;\nprocedure P(const T: string);\nvar C: Char;\nbegin\n  for C in T do \
                Write(IntToHex(Ord(C), 2));\n  WriteLn;\nend;\nbegin\n";
    check(&["fpc", "-v0"], "pas", &texts, &format!("program literals;\n{head}{body}end.\n"));
}

proptest! {
    #[test]
    fn a_comment_is_one_line_and_ends_nothing(text in any::<String>()) {
        let comment = comment(&text);
        prop_assert!(comment.chars().all(is_plain));
        for ending in ["*/", "?>", "%>", "\\", "{", "}", "--", "]]", "*)"] {
            prop_assert!(!comment.contains(ending), "{comment}");
        }
    }
}
