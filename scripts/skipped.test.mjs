import assert from 'node:assert/strict'
import { test } from 'node:test'

import { skipped } from './skipped.mjs'

test('what was skipped is found once in the output of passing tests', () => {
  const output = `running 2 tests
test every_request_satisfies_the_platform_schema ... ok
test is_not_skipped_at_all ... ok

successes:

---- every_request_satisfies_the_platform_schema stdout ----
skipped: the Platform API's schema is not there
---- another stdout ----
skipped: the Platform API's schema is not there
skipped in part: no fixture

test result: ok. 2 passed; 0 failed
`
  assert.deepEqual(skipped(output), [
    "skipped: the Platform API's schema is not there",
    'skipped in part: no fixture',
  ])
})
