// The version of a program, on programs made for the test.
import assert from 'node:assert/strict'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {after, test} from 'node:test'

import {pluginVersion, programVersion, Unusable} from '../dist/version.js'

const root = mkdtempSync(join(tmpdir(), 'connect-swap-version-'))
after(() => rmSync(root, {recursive: true}))

function program(name, text) {
  const path = join(root, name)
  writeFileSync(path, text, {mode: 0o755})
  return path
}

test('the plugin’s version is its package’s', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.equal(pluginVersion(), manifest.version)
})

test('a program says its version', {skip: process.platform === 'win32'}, async () => {
  assert.equal(await programVersion(program('good', '#!/bin/sh\necho connect-swap 1.2.3-rc.1\n')), '1.2.3-rc.1')
})

test('what is another program, fails, or is for another platform is unusable', {skip: process.platform === 'win32'}, async () => {
  const cases = [
    [program('other', '#!/bin/sh\necho something 1.2.3\n'), /is no connect-swap/],
    [program('fails', '#!/bin/sh\nexit 3\n'), /cannot be run[^]*plugins:install/],
    [program('foreign', '\u007fELFnonsense'), /cannot be run[^]*another platform/],
    [join(root, 'nowhere'), /cannot be run/],
  ]
  for (const [path, message] of cases) {
    await assert.rejects(programVersion(path), error => error instanceof Unusable && message.test(error.message), path)
  }
})
