// Runs the tests of the Rust workspace, several test programs side by side.
//
// `cargo test` runs one program after the other. Most of ours wait for servers rather than for a
// processor, and each starts servers of its own, so they do not disturb each other.

import { spawn, spawnSync } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'

import { skipped } from './skipped.mjs'

/** Those that take minutes begin first, so that the last one does not run alone. */
const LONGEST_FIRST = [
  'kill',
  'sweep',
  'trouble_window',
  'postgres',
  'trouble_requests',
  'trouble_forward',
  'trouble_databases',
  'sweep_back',
  'chaos',
  'trouble_rollback',
  'plugin',
]

/** The test programs, as cargo names them (The Cargo Book, "External tools", JSON messages). */
function build() {
  const cargo = spawnSync(
    'cargo',
    ['test', '--locked', '--workspace', '--no-run', '--message-format=json-render-diagnostics'],
    { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  if (cargo.status !== 0) process.exit(cargo.status ?? 1)
  return cargo.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((message) => message.reason === 'compiler-artifact')
    .filter((message) => message.executable && message.profile.test)
    .map((message) => ({
      name: message.target.name,
      program: message.executable,
      folder: path.dirname(message.manifest_path),
    }))
}

function rank({ name }) {
  const place = LONGEST_FIRST.indexOf(name)
  return place === -1 ? LONGEST_FIRST.length : place
}

/** What tests say they skipped, by program: shown at the end, where it is seen. */
const leftOut = []

/** Runs one program; its output is shown whole when it has ended. */
function run({ name, program, folder }) {
  return new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(program, ['--show-output'], {
      cwd: folder,
      env: { ...process.env, CARGO_MANIFEST_DIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = []
    const ended = (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(0)
      const where = path.relative(process.cwd(), folder)
      process.stdout.write(`\n-- ${where} ${name}: ${code === 0 ? 'passed' : 'FAILED'} (${seconds} s)\n`)
      const text = Buffer.concat(output).toString()
      process.stdout.write(text)
      leftOut.push(...skipped(text).map((line) => `${where} ${name}: ${line}`))
      resolve(code === 0)
    }
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => {
      output.push(Buffer.from(`${error}\n`))
      ended(1)
    })
    child.on('close', (code) => ended(code ?? 1))
  })
}

const waiting = build().sort((one, other) => rank(one) - rank(other))
const failed = []

async function worker(queue, failures) {
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (!(await run(next))) failures.push(next)
  }
}

const sideBySide = Math.max(2, Math.min(4, os.availableParallelism()))
const crowded = []
await Promise.all(Array.from({ length: sideBySide }, () => worker(waiting, crowded)))

// The sandbox's time runs many times faster than ours: a machine that is kept busy for half a second
// by other programs loses a minute of it. A failure counts when the program fails with nothing
// beside it too; the first one is said all the same.
const disturbed = crowded.map(({ name }) => name)
const again = []
await worker([...crowded], again)
failed.push(...again.map(({ name }) => name))
if (disturbed.length > 0) {
  process.stdout.write(`\nfailed beside other programs, and were run again alone: ${disturbed.join(', ')}\n`)
}
if (leftOut.length > 0) process.stdout.write(`\nnot everything was tested:\n  ${leftOut.join('\n  ')}\n`)
if (failed.length > 0) {
  process.stderr.write(`\nfailed: ${failed.join(', ')}\n`)
  process.exit(1)
}
