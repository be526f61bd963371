// Talks to conformance_server by node's http. Its argument is the server's
// port. Ends with 0 if every answer was as expected.
'use strict';

const assert = require('assert');
const http = require('http');

const port = Number(process.argv[2]);
const agent = new http.Agent({keepAlive: true, maxSockets: 4});

// Resolves with an answer; `send` writes the request's body.
function ask(options, send = (request) => request.end()) {
  return new Promise((resolve, reject) => {
    const request = http.request(
        {host: '127.0.0.1', port, agent, ...options}, (answer) => {
          const pieces = [];
          answer.on('data', (piece) => pieces.push(piece));
          answer.on('error', reject);
          answer.on('end', () => resolve({
            status: answer.statusCode,
            headers: answer.headers,
            body: Buffer.concat(pieces).toString(),
            reused: request.reusedSocket,
            continued: request.continued,
          }));
        });
    request.on('error', reject);
    request.on('continue', () => { request.continued = true; });
    send(request);
  });
}

const tests = {
  async keepsConnections() {
    const first = await ask({path: '/'});
    assert.strictEqual(first.body, 'OK');
    for (let i = 0; i < 20; ++i) {
      const again = await ask({path: '/' + i});
      assert.strictEqual(again.body, 'OK');
      assert.ok(again.reused);
    }
  },

  async asksForMuchAtOnce() {
    const answers = await Promise.all(Array.from({length: 100}, (_, i) =>
        ask({method: 'POST'}, (request) => request.end('body ' + i))));
    answers.forEach((a, i) => assert.strictEqual(a.body, 'body ' + i));
  },

  async sendsChunks() {
    const answer = await ask({method: 'PUT'}, (request) => {
      for (let i = 0; i < 100; ++i) request.write('x'.repeat(i + 1));
      request.addTrailers({'X-Sum': '5050'});
      request.end();
    });
    assert.strictEqual(answer.body, 'x'.repeat(5050));
  },

  async isToldToContinue() {
    const answer = await ask(
        {method: 'POST', headers: {Expect: '100-continue'}}, (request) => {
          request.flushHeaders();
          request.once('continue', () => request.end('body'));
        });
    assert.ok(answer.continued);
    assert.strictEqual(answer.body, 'body');
  },

  async getsHeadsAndHeaders() {
    const head = await ask({method: 'HEAD'});
    assert.strictEqual(head.headers['content-length'], '2');
    assert.strictEqual(head.body, '');
    const echo = await ask({path: '/echo', headers: {'X-One': '1'}});
    assert.match(echo.body, /^X-One: 1$/m);
  },

  // Others, on the same agent, are answered all the same.
  async abortsInTheMiddle() {
    const aborted = Array.from({length: 20}, () => new Promise((resolve) => {
      const request = http.request(
          {host: '127.0.0.1', port, agent, method: 'POST',
           headers: {'Content-Length': 1000}});
      request.on('error', resolve);
      request.write('begun', () => request.destroy());
    }));
    await Promise.all(aborted);
    const answer = await ask({method: 'POST'}, (r) => r.end('after'));
    assert.strictEqual(answer.body, 'after');
  },
};

(async () => {
  for (const [name, test] of Object.entries(tests)) {
    console.log(name);
    await test();
  }
  agent.destroy();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
