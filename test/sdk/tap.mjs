// tap.mjs: checks, printed as TAP.
import { isHTTPError } from '@openmeter/sdk';
import { isDeepStrictEqual } from 'node:util';

let count = 0;
let failures = 0;

export function ok(isOk, name, detail) {
  count += 1;
  console.log(`${isOk ? 'ok' : 'not ok'} ${count} - ${name}`);
  if (!isOk) {
    failures += 1;
    console.log(`# ${JSON.stringify(detail)}`);
  }
}

export function is(got, want, name) {
  ok(isDeepStrictEqual(got, want), name, { got, want });
}

// The status of the refusal that the call is to end with.
export async function refusal(call) {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!isHTTPError(error)) throw error;
    return error.status;
  }
}

export function done() {
  console.log(`1..${count}`);
  process.exitCode = failures ? 1 : 0;
}
