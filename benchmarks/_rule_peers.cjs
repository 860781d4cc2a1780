// Rules in the JavaScript engines of a folder with node_modules; see _rule_peers.py.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const path = require("node:path");

const [folder, file] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(folder), "package.json"));
const { rules, records, passes } = JSON.parse(readFileSync(file, "utf8"));

function measure(engine, tests) {
  const times = [];
  let found = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    found = 0;
    const start = process.cpuUsage();
    for (const record of records) {
      for (const test of tests) if (test(record) === true) found += 1;
    }
    const used = process.cpuUsage(start);
    times.push((used.user + used.system) / records.length);
  }
  times.sort((a, b) => a - b);
  const microseconds = times[Math.floor(times.length / 2)];
  console.log(JSON.stringify({ engine, microseconds, found }));
}

const engines = {
  "json-logic-js (node)": () => {
    const { apply } = load("json-logic-js");
    return rules.map((rule) => (record) => apply(rule, record));
  },
  "json-logic-engine, built (node)": () => {
    const { LogicEngine } = load("json-logic-engine");
    const engine = new LogicEngine();
    return rules.map((rule) => engine.build(rule));
  },
};
for (const [name, tests] of Object.entries(engines)) {
  try {
    measure(name, tests());
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.error(`${name}: not installed`);
  }
}
