// Which commands end with a notification on the desktop.
import assert from 'node:assert/strict'
import {test} from 'node:test'

import {notification, notify} from '../dist/notify.js'

const line = 'heroku connect:swap:prep'

test('long work at a terminal says how it ended', () => {
  assert.deepEqual(notification(line, 0, 20_000, true), {message: 'done', subtitle: line, title: 'heroku'})
  assert.match(notification(line, 5, 3_600_000, true).message, /paused/)
  assert.equal(notification(line, 1, 30_000, true).message, 'ended with code 1')
})

test('short work, work without a terminal and Ctrl-C say nothing', () => {
  assert.equal(notification(line, 0, 19_999, true), undefined)
  assert.equal(notification(line, 0, 60_000, false), undefined)
  assert.equal(notification(line, 130, 60_000, true), undefined)
})

test('where the CLI has no notifications, nothing happens', async () => {
  await notify(undefined)
  await notify(notification(line, 0, 60_000, true))
})
