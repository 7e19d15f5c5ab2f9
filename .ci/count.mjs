// Reads vitest's JSON reports and ends with one line, `N passed, N failed`. What was skipped counts as failed: where
// this runs, everything that the tests need is installed. So does a file that could not even be loaded.
import { readFileSync } from 'node:fs';

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.log(`There is no report of the tests: ${error.message}`);
    return { success: false, testResults: [] };
  }
}

const reports = process.argv.slice(2).map(read);
const files = reports.flatMap(({ testResults }) => testResults);
const broken = files.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
);
const tests = files.flatMap(({ assertionResults }) => assertionResults);
const passed = tests.filter(({ status }) => status === 'passed');
const others = tests.filter(({ status }) => status !== 'passed');

for (const { name, message } of broken) console.log(`not loaded: ${name}: ${message.split('\n')[0]}`);
for (const { status, fullName } of others) {
  console.log(`${status === 'failed' ? 'failed' : 'skipped'}: ${fullName}`);
}
// An error outside of every test fails the run without failing a test.
const known = broken.length + others.length;
const isWhole =
  reports.length > 0 && reports.every(({ success, testResults }) => success && testResults.length > 0);
const unknown = known === 0 && !isWhole ? 1 : 0;
if (unknown > 0) console.log('The run failed outside of every test.');

const failed = known + unknown;
console.log(`${passed.length} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
