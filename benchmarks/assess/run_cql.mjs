// The CQL side of the comparison: node run_cql.mjs elm.json bundles.ndjson 2026-03-01
//
// Stays running, so that it is warm, and answers each line of its input with one line of JSON:
//   answers   what the three questions answer for each patient: true, false or null
//   time      one pass over all patients: nanoseconds spent on each, by stage, and processor seconds of the pass
// Between the lines it uses no processor, so another program can be timed in turns with it.
import fs from 'node:fs';
import readline from 'node:readline';
import cql from 'cql-execution';
import { PatientSource } from 'cql-exec-fhir';

const [elm, bundles, on] = process.argv.slice(2);
const QUESTIONS = ['Neutrophils low', 'Neutrophils falling', 'Full blood count overdue'];

const patients = fs.readFileSync(bundles, 'utf8').split('\n').filter(Boolean);
const library = new cql.Library(JSON.parse(fs.readFileSync(elm, 'utf8')));
const executor = new cql.Executor(library, null, { On: cql.Date.parse(on) });
const source = PatientSource.FHIRv401();

function load(bundle) {
  source.reset();
  source.loadBundles([bundle]);
}

async function execute() {
  const results = await executor.exec(source);
  return Object.values(results.patientResults)[0];
}

async function answers() {
  const found = {};
  for (const text of patients) {
    const bundle = JSON.parse(text);
    load(bundle);
    const given = await execute();
    found[bundle.entry[0].resource.id] = QUESTIONS.map((question) => given[question] ?? null);
  }
  return found;
}

async function time() {
  const stages = { decode: [], load: [], evaluate: [], all: [] };
  const before = process.cpuUsage();
  for (const text of patients) {
    const begun = process.hrtime.bigint();
    const bundle = JSON.parse(text);
    const decoded = process.hrtime.bigint();
    load(bundle);
    const loaded = process.hrtime.bigint();
    await execute();
    const evaluated = process.hrtime.bigint();
    stages.decode.push(Number(decoded - begun));
    stages.load.push(Number(loaded - decoded));
    stages.evaluate.push(Number(evaluated - loaded));
    stages.all.push(Number(evaluated - begun));
  }
  const used = process.cpuUsage(before);
  return { ...stages, processor: (used.user + used.system) / 1e6 };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const reply = line === 'time' ? await time() : await answers();
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
