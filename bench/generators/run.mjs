// What generators make of the same operation, measured by running it: see docs/generators.md.
//
//   node run.mjs FOLDER    where FOLDER holds users.har, users.postman.json, users.answer.json and rollcall's users.*
//
// Each program is run three times against a server that answers with two pages, with 429 and then an answer, and with
// 404. Nothing is taken from what a tool says of itself.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const postman = require("postman-code-generators");
const { Request } = require("postman-collection");
const { HTTPSnippet, availableTargets } = require("httpsnippet");
const { InputData, jsonInputForTargetLanguage, quicktype, defaultTargetLanguages } = require("quicktype-core");

const [folder] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), "utf8");
const sample = JSON.parse(read("users.answer.json"));
const work = join(folder, "work");
mkdirSync(work, { recursive: true });
try {
  symlinkSync(join(import.meta.dirname, "node_modules"), join(work, "node_modules"));
} catch (error) {
  if (error.code !== "EEXIST") throw error;
}

let mode = "pages";
let asked = [];
const server = createServer((request, response) => {
  asked.push({ url: request.url, token: request.headers.authorization });
  const page = request.url.includes("next_page_token=second") ? "" : "second";
  const [status, headers, body] =
    mode === "missing" ? [404, {}, { code: 1001, message: "User does not exist." }]
    : mode === "busy" && asked.length === 1 ? [429, { "Retry-After": "1" }, { code: 429, message: "slower" }]
    : [200, {}, { ...sample, next_page_token: mode === "pages" ? page : "" }];
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${server.address().port}`;
const token = "the-token";

// What a program's file is called, how it is compiled where it must be, and how it is run.
const root = join(import.meta.dirname, "../..");
const gson = "/usr/share/java/gson.jar";
// Of the Python package dotnetcore2, in the environment of `make samples`.
const dotnet = execFileSync("python3", ["-c", "import dotnetcore2; print(dotnetcore2.__path__[0])"], { encoding: "utf8" }).trim() + "/bin";
const shared = join(dotnet, "shared/Microsoft.NETCore.App");
const libraries = readdirSync(shared)
  .flatMap((version) => readdirSync(join(shared, version)).map((name) => join(shared, version, name)))
  .filter((path) => /\/System[^/]*\.dll$/.test(path) && !path.includes("WindowsRuntime"));
const modules = execFileSync("npm", ["root", "--global"], { encoding: "utf8" }).trim();
const types = ["--typeRoots", join(modules, "@types"), "--types", "node"];
const commands = {
  python: ["p.py", null, ["python3", "p.py"]],
  javascript: ["p.cjs", null, ["node", "p.cjs"]],
  mjs: ["p.mjs", null, ["node", "p.mjs"]],
  typescript: ["p.mts", ["tsc", "--strict", "--target", "es2022", "--module", "nodenext", ...types, "p.mts"], ["node", "p.mjs"]],
  go: ["p.go", ["go", "build", "-o", "p-go", "p.go"], ["./p-go"]],
  rust: ["p.rs", [join(root, "tests/samples/rust/build"), "p.rs", "p-rust"], ["./p-rust"]],
  java: ["Sample.java", ["javac", "-cp", gson, "-d", ".", "Sample.java"], ["java", "-cp", `${gson}:.`, "Sample"]],
  csharp: [
    "p.cs",
    ["mcs", "-nostdlib", "-noconfig", "-out:p.dll", ...libraries.map((path) => `-r:${path}`), "p.cs"],
    [join(dotnet, "dotnet"), "exec", "--runtimeconfig", join(root, "tests/samples/runtimeconfig.json"), "p.dll"],
  ],
  ruby: ["p.rb", null, ["ruby", "p.rb"]],
  c: ["p.c", ["cc", "-o", "p-c", "p.c", "-lcurl", "-ljansson"], ["./p-c"]],
  lua: ["p.lua", null, ["lua5.4", "p.lua"]],
  r: ["p.r", null, ["Rscript", "p.r"]],
  tcl: ["p.tcl", null, ["tclsh", "p.tcl"]],
  perl: ["p.pl", null, ["perl", "p.pl"]],
  pascal: ["p.pas", ["fpc", "-v0", "-op-pascal", "p.pas"], ["./p-pascal"]],
  php: ["p.php", null, ["php", "p.php"]],
  curl: ["p.sh", null, ["bash", "p.sh"]],
};

/** Whether the program compiles; a dash where its language is not compiled. */
function compiles(language, text) {
  const [file, compile] = commands[language];
  writeFileSync(join(work, file), text);
  if (!compile) return "–";
  return mark(spawnSync(compile[0], compile.slice(1), { cwd: work }).status === 0);
}

function run(language, now) {
  const [, , [command, ...words]] = commands[language];
  mode = now;
  asked = [];
  const environment = { ...process.env, API_BASE_URL: baseUrl, API_TOKEN: token };
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: work, env: environment, timeout: 60_000 });
    child.on("error", (error) => resolve({ status: -1, out: "", told: error.message, asked: [] }));
    let [out, told] = ["", ""];
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (told += data));
    child.on("close", (status) => resolve({ status, out, told, asked: [...asked] }));
  });
}

const mark = (value) => (value ? "yes" : "no");

async function row(tool, language, text, runner = language) {
  const compiled = compiles(runner, text);
  // What does not compile is not run: a program of the row before would be.
  const nothing = { status: -1, asked: [] };
  const [pages, busy, missing] =
    compiled === "no" ? [nothing, nothing, nothing]
    : [await run(runner, "pages"), await run(runner, "busy"), await run(runner, "missing")];
  const sends = pages.asked.length > 0 && pages.asked[0].token === `Bearer ${token}`;
  // A program that stops before it sends has shown nothing of what it would do.
  const shows = (value) => (sends ? mark(value) : "–");
  // Every field in a place of its own: the sample's names stand in the program.
  const fields = Object.keys(sample.users[0]);
  const reads = fields.every((name) => text.toLowerCase().includes(name.replaceAll("_", "")) || text.includes(name));
  const cells = [
    tool, language, mark(sends), shows(pages.asked.length === 2), shows(busy.asked.length === 2),
    shows(missing.status !== 0), mark(reads), compiled, mark(pages.status === 0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

const names = (tool, list) => console.log(`${tool}: ${list.length} languages: ${list.join(", ")}\n`);
names("postman-code-generators", postman.getLanguageList().map((entry) => entry.label));
names("httpsnippet", availableTargets().map((entry) => entry.title));
names("quicktype", defaultTargetLanguages.map((entry) => entry.displayName));
console.log("| generator | language | sends | pages | retries | tells errors | reads every field | compiles | runs |");
console.log("|---|---|---|---|---|---|---|---|---|");

for (const [language, file, runner] of [
  ["curl and jq", "users.sh", "curl"], ["Python", "users.py", "python"], ["JavaScript", "users.mjs", "mjs"],
  ["TypeScript", "users.mts", "typescript"], ["Go", "users.go", "go"], ["Rust", "users.rs", "rust"],
  ["Java", "users.java", "java"], ["C#", "users.cs", "csharp"], ["Ruby", "users.rb", "ruby"], ["C", "users.c", "c"],
  ["Lua", "users.lua", "lua"], ["R", "users.r", "r"], ["Tcl", "users.tcl", "tcl"], ["PHP", "users.php", "php"],
  ["Perl", "users.pl", "perl"], ["Delphi / Object Pascal", "users.pas", "pascal"],
]) {
  await row("rollcall", language, read(file), runner);
}

const item = JSON.parse(read("users.postman.json"));
const filled = JSON.parse(JSON.stringify(item.request).replaceAll("{{baseUrl}}", baseUrl));
delete filled.auth;
filled.header = [{ key: "Authorization", value: `Bearer ${token}` }];
const options = { trimRequestBody: true, followRedirect: true };
for (const [language, id, variant] of [["python", "python", "Requests"], ["javascript", "nodejs", "Axios"], ["php", "php", "cURL"], ["curl", "curl", "cURL"], ["go", "go", "Native"], ["ruby", "ruby", "Net::HTTP"], ["c", "c", "libcurl"]]) {
  const text = await new Promise((resolve, reject) => {
    postman.convert(id, variant, new Request(filled), options, (error, snippet) => (error ? reject(error) : resolve(snippet)));
  });
  await row("postman-code-generators", `${language}, ${variant}`, text, language);
}

const har = JSON.parse(read("users.har")).log.entries[0].request;
har.url = har.url.replace(/^https?:\/\/[^/]+/, baseUrl);
har.headers = [{ name: "Authorization", value: `Bearer ${token}` }];
for (const [language, target, client] of [["python", "python", "requests"], ["javascript", "node", "axios"], ["php", "php", "curl"], ["curl", "shell", "curl"], ["go", "go", "native"], ["ruby", "ruby", "native"], ["c", "c", "libcurl"]]) {
  const text = String(new HTTPSnippet(har).convert(target, client));
  await row("httpsnippet", `${language}, ${client}`, text, language === "javascript" && /^import /m.test(text) ? "mjs" : language);
}

for (const language of ["python", "javascript", "php", "typescript"]) {
  const input = jsonInputForTargetLanguage(language);
  await input.addSource({ name: "Answer", samples: [JSON.stringify(sample)] });
  const data = new InputData();
  data.addInput(input);
  const { lines } = await quicktype({ inputData: data, lang: language });
  await row("quicktype", language, lines.join("\n"), language);
}
server.close();
