import { STATUS_CODES } from 'node:http'
import { expect, test } from 'vitest'
import { reasonPhrase } from '../src/index.ts'

/** Where node keeps an older name, or one that is no registered phrase. */
const RENAMED: Record<string, string> = {
  413: 'Content Too Large', // RFC 9110 §15.5.14
  422: 'Unprocessable Content', // RFC 9110 §15.5.21
  418: 'Unknown', // RFC 9110 §15.5.19: (Unused)
  509: 'Unknown', // never registered
  510: 'Unknown', // obsoleted: RFC 2774 is historic
}

test('every status code that node knows has the registered phrase', () => {
  for (const [status, phrase] of Object.entries(STATUS_CODES))
    expect([status, reasonPhrase(Number(status))]).toEqual([status, RENAMED[status] ?? phrase])
})

test('a status that nobody registered is Unknown', () => {
  for (const status of [0, 199, 299, 418, 599, 1000, -1, Number.NaN])
    expect(reasonPhrase(status)).toBe('Unknown')
})
