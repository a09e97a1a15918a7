// How long it takes until a command of the plugin has done nothing, beside the bare Heroku CLI and beside a
// plugin that imports a command library of its own.
//
// usage: node scripts/bench-startup.mjs HEROKU_CLI PACKAGE PROGRAM [ROUNDS]
//   HEROKU_CLI  the CLI's bin/run.js
//   PACKAGE     the plugin's package, as `cargo xtask package` puts it together
//   PROGRAM     the program that it runs

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'

const [cli, plugin, program, rounds = '9'] = process.argv.slice(2)
const home = mkdtempSync(path.join(os.tmpdir(), 'connect-swap-startup-'))
const env = {
  PATH: process.env.PATH,
  HOME: home,
  DISABLE_TELEMETRY: 'true',
  HEROKU_SKIP_NEW_VERSION_CHECK: 'true',
  // Nothing here asks Heroku for anything.
  HEROKU_API_KEY: 'none',
  HEROKU_CONNECT_SWAP_BINARY: program,
}

function run(command, arguments_, options = {}) {
  const done = spawnSync(command, arguments_, { env, cwd: home, encoding: 'utf8', ...options })
  if (done.error) throw done.error
  return done
}

function heroku(...arguments_) {
  return run(process.execPath, [cli, ...arguments_])
}

function succeed(done) {
  if (done.status !== 0) throw new Error(`${done.stdout}${done.stderr}`)
}

/** A plugin with one command that does nothing, and with a command library of its own. */
function reference() {
  const root = path.join(home, 'reference')
  mkdirSync(path.join(root, 'commands'), { recursive: true })
  const manifest = {
    name: 'reference-plugin',
    version: '1.0.0',
    type: 'module',
    dependencies: { '@heroku-cli/command': '^13.2.0' },
    oclif: { bin: 'heroku', commands: './commands', topicSeparator: ':' },
  }
  writeFileSync(path.join(root, 'package.json'), JSON.stringify(manifest))
  writeFileSync(
    path.join(root, 'commands', 'reference.js'),
    `import {Command, flags} from '@heroku-cli/command'
export default class extends Command {
  static description = 'does nothing'
  static flags = {app: flags.app({required: true}), remote: flags.remote()}
  async run() { await this.parse(this.constructor) }
}
`,
  )
  const commands = {
    reference: {
      id: 'reference', aliases: [], args: {}, description: 'does nothing', hiddenAliases: [], isESM: true,
      flags: { app: { name: 'app', char: 'a', type: 'option', multiple: false } },
      pluginAlias: 'reference-plugin', pluginName: 'reference-plugin', pluginType: 'user', strict: true,
      relativePath: ['commands', 'reference.js'],
    },
  }
  writeFileSync(path.join(root, 'oclif.manifest.json'), JSON.stringify({ version: '1.0.0', commands }))
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  succeed(run('npm', install, { cwd: root }))
  return root
}

/** What is measured, and how each has to end. */
const cases = {
  'heroku version': [['version'], 0],
  'this plugin and its program': [['connect:swap', '--app', 'example-app', '--jobs', '0'], 2],
  'a plugin with its own library': [['reference', '--app', 'example-app'], 0],
}

const median = (all) => all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)]

try {
  succeed(heroku('plugins:link', '--no-install', path.resolve(plugin)))
  succeed(heroku('plugins:link', '--no-install', reference()))
  const taken = Object.fromEntries(Object.keys(cases).map((name) => [name, []]))
  // In turns, so that whatever else the machine does meets all of them; the first turn only warms up.
  for (let round = 0; round <= Number(rounds); round++) {
    for (const [name, [arguments_, code]] of Object.entries(cases)) {
      const began = performance.now()
      const done = heroku(...arguments_)
      if (done.status !== code) throw new Error(`${name}: ${done.status}\n${done.stdout}${done.stderr}`)
      if (round > 0) taken[name].push(performance.now() - began)
    }
  }
  const medians = Object.fromEntries(Object.entries(taken).map(([name, all]) => [name, median(all)]))
  for (const [name, time] of Object.entries(medians)) console.log(`${name}: ${(time / 1000).toFixed(2)} s`)
  const ours = medians['this plugin and its program']
  console.log(`to bare heroku version: ${(ours / medians['heroku version']).toFixed(2)}`)
  console.log(`to a plugin with its own library: ${(ours / medians['a plugin with its own library']).toFixed(2)} (goal: at most 0.7)`)
} finally {
  rmSync(home, { recursive: true })
}
