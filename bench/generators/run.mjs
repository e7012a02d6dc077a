// What generators make of the same operation, measured by running it: see docs/generators.md.
//
//   node run.mjs FOLDER    where FOLDER holds users.har, users.postman.json, users.answer.json and rollcall's users.*
//
// Each program is run three times against a server that answers with two pages, with 429 and then an answer, and with
// 404. Nothing is taken from what a tool says of itself.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
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

const commands = {
  python: ["p.py", "python3", "p.py"],
  javascript: ["p.cjs", "node", "p.cjs"],
  mjs: ["p.mjs", "node", "p.mjs"],
  php: ["p.php", "php", "p.php"],
  curl: ["p.sh", "bash", "p.sh"],
};

function run(language, text, now) {
  const [file, command, ...words] = commands[language];
  writeFileSync(join(work, file), text);
  mode = now;
  asked = [];
  const environment = { ...process.env, API_BASE_URL: baseUrl, API_TOKEN: token };
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: work, env: environment, timeout: 60_000 });
    let [out, told] = ["", ""];
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (told += data));
    child.on("close", (status) => resolve({ status, out, told, asked: [...asked] }));
  });
}

const mark = (value) => (value ? "yes" : "no");

async function row(tool, language, text, runner = language) {
  const pages = await run(runner, text, "pages");
  const busy = await run(runner, text, "busy");
  const missing = await run(runner, text, "missing");
  const sends = pages.asked.length > 0 && pages.asked[0].token === `Bearer ${token}`;
  // A program that stops before it sends has shown nothing of what it would do.
  const shows = (value) => (sends ? mark(value) : "–");
  // Every field in a place of its own: the sample's names stand in the program.
  const fields = Object.keys(sample.users[0]);
  const reads = fields.every((name) => text.toLowerCase().includes(name.replaceAll("_", "")) || text.includes(name));
  const cells = [
    tool, language, mark(sends), shows(pages.asked.length === 2), shows(busy.asked.length === 2),
    shows(missing.status !== 0), mark(reads), mark(pages.status === 0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

const names = (tool, list) => console.log(`${tool}: ${list.length} languages: ${list.join(", ")}\n`);
names("postman-code-generators", postman.getLanguageList().map((entry) => entry.label));
names("httpsnippet", availableTargets().map((entry) => entry.title));
names("quicktype", defaultTargetLanguages.map((entry) => entry.displayName));
console.log("| generator | language | sends | pages | retries | tells errors | reads every field | runs |");
console.log("|---|---|---|---|---|---|---|---|");

for (const [language, file, runner] of [
  ["Python", "users.py", "python"], ["JavaScript", "users.mjs", "mjs"], ["PHP", "users.php", "php"], ["curl and jq", "users.sh", "curl"],
]) {
  await row("rollcall", language, read(file), runner);
}

const item = JSON.parse(read("users.postman.json"));
const filled = JSON.parse(JSON.stringify(item.request).replaceAll("{{baseUrl}}", baseUrl));
delete filled.auth;
filled.header = [{ key: "Authorization", value: `Bearer ${token}` }];
const options = { trimRequestBody: true, followRedirect: true };
for (const [language, id, variant] of [["python", "python", "Requests"], ["javascript", "nodejs", "Axios"], ["php", "php", "cURL"], ["curl", "curl", "cURL"]]) {
  const text = await new Promise((resolve, reject) => {
    postman.convert(id, variant, new Request(filled), options, (error, snippet) => (error ? reject(error) : resolve(snippet)));
  });
  await row("postman-code-generators", `${language}, ${variant}`, text, language);
}

const har = JSON.parse(read("users.har")).log.entries[0].request;
har.url = har.url.replace(/^https?:\/\/[^/]+/, baseUrl);
har.headers = [{ name: "Authorization", value: `Bearer ${token}` }];
for (const [language, target, client] of [["python", "python", "requests"], ["javascript", "node", "axios"], ["php", "php", "curl"], ["curl", "shell", "curl"]]) {
  const text = String(new HTTPSnippet(har).convert(target, client));
  await row("httpsnippet", `${language}, ${client}`, text, language === "javascript" && /^import /m.test(text) ? "mjs" : language);
}

for (const language of ["python", "javascript", "php"]) {
  const input = jsonInputForTargetLanguage(language);
  await input.addSource({ name: "Answer", samples: [JSON.stringify(sample)] });
  const data = new InputData();
  data.addInput(input);
  const { lines } = await quicktype({ inputData: data, lang: language });
  await row("quicktype", language, lines.join("\n"), language);
}
server.close();
