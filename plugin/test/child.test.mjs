// Exit codes and signals of the child, with Node itself as the binary.
import assert from 'node:assert/strict'
import {test} from 'node:test'

import {runChild} from '../dist/child.js'

// Tells its parent to end, and ends with 5 when the parent passes that on.
const ENDS_WHEN_TOLD = `
  process.on('SIGTERM', () => process.exit(5))
  setInterval(() => {}, 1000)
  process.kill(process.ppid, 'SIGTERM')
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
  let heard = 0
  const listener = () => {
    heard += 1
  }

  process.on('SIGINT', listener)
  const running = run(ENDS_WHEN_TOLD)
  assert.ok(!process.listeners('SIGINT').includes(listener))
  process.kill(process.pid, 'SIGINT')
  assert.equal(await running, 5)
  assert.deepEqual(process.listeners('SIGINT'), [listener])
  assert.equal(heard, 0)
  process.off('SIGINT', listener)
})

test('SIGTERM is passed on', async () => {
  assert.equal(await run(ENDS_WHEN_TOLD), 5)
})
