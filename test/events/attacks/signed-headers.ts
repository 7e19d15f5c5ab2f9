import type { EventHeaders } from '../../../src/events/headers.ts';
import { BODY, CALLBACK, HEADER_NAMES, signed } from '../house.ts';
import { GENUINE, message, OWN, type Row, refused, taken } from './row.ts';

const headers = signed({ sequence: OWN });
const FIELDS = Object.keys(HEADER_NAMES) as (keyof EventHeaders)[];
const lineOf = (field: keyof EventHeaders): string => `${HEADER_NAMES[field]}: ${headers[field]}\r\n`;
/** The genuine headers, one of them replaced by something else. */
const replaced = (field: keyof EventHeaders, line: string): string => GENUINE.replace(lineOf(field), line);

function rowsOf(field: keyof EventHeaders): readonly Row[] {
  const name = HEADER_NAMES[field];
  const value = headers[field];
  const odd = (what: string, sonos: string, status = 401): Row =>
    refused(`${name} ${what}`, status, message({ sonos }));
  const fine = (what: string, sonos: string): Row => taken(`${name} ${what}`, message({ sonos }));
  const chunks = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n${lineOf(field)}\r\n`;
  return [
    odd('left out', replaced(field, '')),
    odd('twice', GENUINE + lineOf(field)),
    odd('twice, the second in small letters', GENUINE + lineOf(field).replace(name, name.toLowerCase())),
    odd('twice, another one first', `${name}: x\r\n${GENUINE}`),
    odd('twice, an empty one last', `${GENUINE}${name}:\r\n`),
    odd('empty', replaced(field, `${name}:\r\n`)),
    odd('joined with itself by a comma', replaced(field, `${name}: ${value}, ${value}\r\n`)),
    odd('in quotes', replaced(field, `${name}: "${value}"\r\n`)),
    odd('with a letter beyond ASCII', replaced(field, `${name}: ${value}\xe9\r\n`)),
    odd('with a no-break space in front', replaced(field, `${name}: \xa0${value}\r\n`)),
    odd('with a tab inside', replaced(field, `${name}: ${value.slice(0, 2)}\t${value.slice(2)}\r\n`)),
    odd('with an underscore in its name', replaced(field, lineOf(field).replaceAll('-', '_'))),
    odd('with 5 kB behind', replaced(field, `${name}: ${value}${'0'.repeat(5_000)}\r\n`)),
    odd('of 100 kB', replaced(field, `${name}: ${'1'.repeat(100_000)}\r\n`), 431),
    odd('on a folded line', replaced(field, `${name}:\r\n ${value}\r\n`), 400),
    odd('continued on a folded line', replaced(field, `${name}: ${value}\r\n x\r\n`), 400),
    odd('with a NUL behind', replaced(field, `${name}: ${value}\0\r\n`), 400),
    odd('with a bare carriage return', replaced(field, `${name}: ${value}\rx: y\r\n`), 400),
    odd('with a bare line feed', replaced(field, `${name}: ${value}\nX-Other: y\r\n`), 400),
    odd('with a space before its colon', replaced(field, `${name} : ${value}\r\n`), 400),
    fine('with spaces and tabs around', replaced(field, `${name}: \t ${value} \t\r\n`)),
    fine('with nothing before its value', replaced(field, `${name}:${value}\r\n`)),
    fine('in small letters', replaced(field, lineOf(field).replace(name, name.toLowerCase()))),
    fine('in capitals', replaced(field, lineOf(field).replace(name, name.toUpperCase()))),
    fine(
      'beside one of nearly its name',
      `${GENUINE}${name}x: y\r\nx${name}: y\r\n${name.replaceAll('-', '_')}: y\r\n`,
    ),
    refused(
      `${name} in the trailer`,
      401,
      message({
        sonos: replaced(field, ''),
        more: ['Transfer-Encoding: chunked', `Trailer: ${name}`],
        body: chunks,
      }),
    ),
    refused(
      `${name} in the query`,
      401,
      message({
        start: `POST ${CALLBACK}?${name}=${encodeURIComponent(value)} HTTP/1.1`,
        sonos: replaced(field, ''),
      }),
    ),
    refused(`${name} in a cookie`, 401, message({ sonos: replaced(field, `Cookie: ${name}=${value}\r\n`) })),
  ];
}

/** The seven headers that decide, each told in every odd way. */
export const signedHeaders: readonly Row[] = FIELDS.flatMap(rowsOf);
