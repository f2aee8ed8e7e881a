import { expect, test } from 'vitest'
import { signalsOf } from '../src/process-events.ts'

test.each([
  ['linux', ['SIGINT', 'SIGTERM'], 'SIGHUP'],
  ['darwin', ['SIGINT', 'SIGTERM'], 'SIGHUP'],
  ['win32', ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'], null],
])('on %s the server ends by %j and looks again at its files by %s', (platform, ends, reloads) => {
  expect(signalsOf(platform)).toEqual({ ends, reloads })
})
