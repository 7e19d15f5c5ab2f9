// A process of its own that takes up connections and never gets through with one:
// slow-sockets.mjs <port> <count> <path> <headers of an event, as JSON>. It writes how many are open and were made.
import { connect } from 'node:net';

const [port, count, path, headers] = process.argv.slice(2);
const AGAIN_MS = 1_000;
const ADDRESSES = 30;
const start = `POST ${path} HTTP/1.1\r\nHost: h\r\n`;
const genuine = `${start}${JSON.parse(headers)}`;

/** What each sends at once, and what it says again and again afterwards. */
const MANNERS = [
  { first: '', again: '' },
  { first: 'PO', again: '' },
  { first: start, again: 'X-Slow: y\r\n' },
  { first: `${start}X-Slow: `, again: 'y' },
  // Somebody who has captured the headers of an event: let in, and no faster with the body.
  { first: `${genuine}Content-Length: 1000000\r\n\r\n`, again: ' ' },
  { first: `${genuine}Transfer-Encoding: chunked\r\n\r\n`, again: '1\r\n \r\n' },
];

let made = 0;
let open = 0;
let most = 0;

/** Opens one from another address of this machine than the last, and another one when it is closed. */
function openOne() {
  const { first, again } = MANNERS[made % MANNERS.length];
  const localAddress = `127.0.0.${2 + (made % ADDRESSES)}`;
  made += 1;
  const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress });
  socket.write(first);
  const talk = again === '' ? undefined : setInterval(() => socket.write(again), AGAIN_MS);
  let isOpen = false;
  socket.once('connect', () => {
    isOpen = true;
    open += 1;
    most = Math.max(most, open);
  });
  socket.on('error', () => {});
  socket.resume();
  socket.once('close', () => {
    clearInterval(talk);
    if (isOpen) open -= 1;
    openOne();
  });
}

// All at once, as an attack comes.
for (let number = 0; number < Number(count); number += 1) openOne();
setInterval(() => process.stdout.write(`${JSON.stringify({ most, made })}\n`), 200);
