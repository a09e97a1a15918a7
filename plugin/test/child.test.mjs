// Exit codes and signals of the child, with Node itself as the binary.
import assert from 'node:assert/strict'
import {test} from 'node:test'

import {runChild} from '../dist/child.js'

// Tells its parent to end, and ends with 5 when the parent passes that on.
const endsWhenTold = signal => `
  process.on('${signal}', () => process.exit(5))
  setInterval(() => {}, 1000)
  process.kill(process.ppid, '${signal}')
`

const run = script => runChild(process.execPath, ['-e', script], process.env)

test('the exit code is the child’s', async () => {
  for (const code of [0, 5, 7, 11]) assert.equal(await run(`process.exit(${code})`), code)
})

test('a child ended by a signal is 128 and its number', async () => {
  assert.equal(await run("process.kill(process.pid, 'SIGTERM')"), 143)
  assert.equal(await run("process.kill(process.pid, 'SIGKILL')"), 137)
})

test('a binary that cannot be started is an error', async () => {
  await assert.rejects(runChild('/nowhere/connect-swap', [], process.env), {code: 'ENOENT'})
})

test('listeners of the Heroku CLI are off meanwhile and back afterwards', async () => {
  const listener = () => {}

  process.on('SIGINT', listener)
  const running = run(endsWhenTold('SIGTERM'))
  assert.ok(!process.listeners('SIGINT').includes(listener))
  assert.equal(await running, 5)
  assert.deepEqual(process.listeners('SIGINT'), [listener])
  process.off('SIGINT', listener)
})

test('SIGTERM and SIGHUP are passed on', async () => {
  assert.equal(await run(endsWhenTold('SIGTERM')), 5)
  assert.equal(await run(endsWhenTold('SIGHUP')), 5)
})

// With a terminal the child has had it already: that is tried with the real CLI on one.
test('SIGINT is passed on where no terminal delivers it', async t => {
  const atTerminal = [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)
  if (atTerminal) t.skip('these tests run on a terminal')
  else assert.equal(await run(endsWhenTold('SIGINT')), 5)
})
