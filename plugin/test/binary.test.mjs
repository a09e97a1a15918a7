// Finding the binary, on directories made for the test.
import assert from 'node:assert/strict'
import {chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {after, test} from 'node:test'

import {findBinary, NoBinary, OVERRIDE} from '../dist/binary.js'

const root = mkdtempSync(join(tmpdir(), 'connect-swap-plugin-'))
after(() => rmSync(root, {recursive: true}))

function file(...path) {
  const full = join(root, ...path)
  mkdirSync(dirname(full), {recursive: true})
  writeFileSync(full, '')
  return full
}

function around(changes) {
  const resolve = () => {
    throw new Error('no such package')
  }

  return {arch: 'x64', env: {}, platform: 'linux', resolve, root: join(root, 'empty'), ...changes}
}

test('the override comes first, and must be there', () => {
  const binary = file('own', 'connect-swap')
  assert.deepEqual(findBinary(around({env: {[OVERRIDE]: binary}})), {isOwn: true, path: binary})
  const missing = around({env: {[OVERRIDE]: join(root, 'nowhere')}})
  assert.throws(() => findBinary(missing), new RegExp(OVERRIDE))
})

test('then the package of the platform, made executable', () => {
  const manifest = file('package', 'package.json')
  const binary = file('package', 'connect-swap')
  chmodSync(binary, 0o644)
  const asked = []
  const resolve = id => {
    asked.push(id)
    return manifest
  }

  assert.deepEqual(findBinary(around({resolve})), {isOwn: false, path: binary})
  assert.deepEqual(asked, ['heroku-connect-swap-linux-x64/package.json'])
  assert.equal(statSync(binary).mode & 0o111, 0o111)
})

test('then what a checkout has built, release before debug', () => {
  const checkout = join(root, 'checkout')
  const debug = file('checkout', 'target', 'debug', 'connect-swap')
  assert.deepEqual(findBinary(around({root: checkout})), {isOwn: true, path: debug})
  const release = file('checkout', 'target', 'release', 'connect-swap')
  assert.deepEqual(findBinary(around({root: checkout})), {isOwn: true, path: release})
})

test('else the error names platform, package and ways out', () => {
  assert.throws(
    () => findBinary(around({platform: 'sunos'})),
    error => error instanceof NoBinary && /sunos x64[^]*heroku-connect-swap-sunos-x64[^]*plugins:install[^]*cargo/.test(error.message),
  )
})
