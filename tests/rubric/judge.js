// Judges reports of credentials (crjson) by one of C2PA's asset rubrics; the rubric comes as JSON documents.
// node judge.js RUBRIC.json REPORT.json...  prints [{"report", "passed", "failed": [[rule, outcome]]}]
import fs from "node:fs";
import JsonFormula, { dataTypes } from "@adobe/json-formula";

const [rubricFile, ...reports] = process.argv.slice(2);
const [head, ...rest] = JSON.parse(fs.readFileSync(rubricFile));
const expressions = Object.entries(head.expressions ?? {}).map(([name, body]) => [name, String(body).trim()]);
const globals = { ...head.variables, $expected_spec_version: "2.4", $args: [] };

// An expression of the rubric is a function; how many arguments it takes is seen from its calls and its body.
function argumentsOf(name, body) {
  const used = [...body.matchAll(/\$args\[(\d+)\]/g)].map((found) => Number(found[1]) + 1);
  const calls = expressions.flatMap(([, other]) => [...other.matchAll(new RegExp(`\\b${name}\\s*\\(`, "g"))]
    .map((found) => countArguments(other.slice(found.index + found[0].length))));
  return Math.max(0, ...used, ...calls, /\$args\b/.test(body) ? 1 : 0);
}

function countArguments(text) {
  if (text.startsWith(")")) return 0;
  let depth = 1;
  let count = 1;
  for (const sign of text) {
    if (sign === "(") depth += 1;
    if (sign === ")" && (depth -= 1) === 0) break;
    if (sign === "," && depth === 1) count += 1;
  }
  return count;
}

const compiled = {};
const functions = Object.fromEntries(expressions.map(([name, body]) => [name, {
  _func: (args, data, interpreter) => {
    const saved = interpreter.globals.$args;
    interpreter.globals.$args = [...args];
    try {
      return interpreter.search(compiled[name], data);
    } finally {
      interpreter.globals.$args = saved;
    }
  },
  _signature: Array.from({ length: argumentsOf(name, body) }, () => ({ types: [dataTypes.TYPE_ANY] })),
}]));
const formula = new JsonFormula(functions, null, []);
for (const [name, body] of expressions) compiled[name] = formula.compile(body, Object.keys(globals));

function outcome(rule, data) {
  const value = formula.search(String(rule.expression).trim(), data, globals);
  const some = Array.isArray(value) ? value.length > 0 : Boolean(value?.valueOf());
  if (rule.failIfMatched || rule.warnIfMatched) return !(Array.isArray(value) && some);
  return some;
}

const rules = rest.flat().filter((rule) => rule?.expression);
console.log(JSON.stringify(reports.map((report) => {
  const data = JSON.parse(fs.readFileSync(report));
  const failed = rules.filter((rule) => !outcome(rule, data)).map((rule) => rule.id);
  return { report, passed: rules.length - failed.length, failed };
})));
