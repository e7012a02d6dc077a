/** The request behind a view, as a program in the reader's language. */
import { body } from "./ask";
import type { Fragment } from "./sql";

export const REQUEST_LANGUAGES = ["curl", "Python", "JavaScript", "Go", "R", "PowerShell", "PHP"] as const;
export type RequestLanguage = (typeof REQUEST_LANGUAGES)[number];

/** Returns a program that sends the request and prints the rows. The token is read from the environment. */
export function requestCode(statement: Fragment, language: RequestLanguage, origin: string): string {
  const url = `${origin}/api/v1/sql`;
  const json = JSON.stringify(JSON.parse(body(statement)), null, 2);
  switch (language) {
    case "curl":
      return `curl ${url} \\\n  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  --data-binary @- <<'JSON'\n${json}\nJSON`;
    case "Python":
      return `import json, os, urllib.request\n\nbody = json.loads(r"""\n${json.replaceAll('"""', '\\u0022\\u0022\\u0022')}\n""")\nrequest = urllib.request.Request(\n    "${url}",\n    data=json.dumps(body).encode(),\n    headers={"Authorization": "Bearer " + os.environ["TOKEN"], "Content-Type": "application/json"},\n)\nwith urllib.request.urlopen(request) as response:\n    for row in json.load(response)["rows"]:\n        print(row)`;
    case "JavaScript":
      return `const response = await fetch("${url}", {\n  method: "POST",\n  headers: { authorization: \`Bearer \${process.env.TOKEN}\`, "content-type": "application/json" },\n  body: JSON.stringify(${json.replaceAll("\n", "\n  ")}),\n});\nif (!response.ok) throw new Error((await response.json()).message);\nconst { columns, rows } = await response.json();\nconsole.table(rows.map((row) => Object.fromEntries(row.map((value, at) => [columns[at], value]))));`;
    case "Go":
      return `package main\n\nimport (\n\t"io"\n\t"net/http"\n\t"os"\n\t"strings"\n)\n\nconst body = ${goText(json)}\n\nfunc main() {\n\trequest, err := http.NewRequest("POST", "${url}", strings.NewReader(body))\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\trequest.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))\n\trequest.Header.Set("Content-Type", "application/json")\n\tresponse, err := http.DefaultClient.Do(request)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\tdefer response.Body.Close()\n\tio.Copy(os.Stdout, response.Body)\n}`;
    case "R":
      return `library(httr2)\n\nbody <- ${rText(json)}\nanswer <- request("${url}") |>\n  req_auth_bearer_token(Sys.getenv("TOKEN")) |>\n  req_headers(Accept = "text/csv") |>\n  req_body_raw(body, "application/json") |>\n  req_perform()\nread.csv(text = resp_body_string(answer))`;
    case "PowerShell":
      return `$body = @'\n${json}\n'@\n$answer = Invoke-RestMethod -Method Post -Uri '${url}' -ContentType 'application/json' \`\n  -Headers @{ Authorization = "Bearer $env:TOKEN" } -Body ([Text.Encoding]::UTF8.GetBytes($body))\n$answer.rows | ForEach-Object { $_ -join "\`t" }`;
    case "PHP":
      return `<?php\n$body = <<<'JSON'\n${json}\nJSON;\n$context = stream_context_create(['http' => [\n    'method' => 'POST',\n    'header' => "Authorization: Bearer " . getenv('TOKEN') . "\\r\\nContent-Type: application/json",\n    'content' => $body,\n]]);\nprint_r(json_decode(file_get_contents('${url}', false, $context))->rows);`;
  }
}

const goText = (json: string) => (json.includes("`") ? JSON.stringify(json) : `\`${json}\``);
const rText = (json: string) => (json.includes(')---"') ? JSON.stringify(json) : `r"---(${json})---"`);
