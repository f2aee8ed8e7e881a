import { compose, respond } from '@tsws/http'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clientAddress } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const PROXY = '10.0.0.1'
const CLIENT = '203.0.113.9'

/** What a client may try: pieces of the grammar in any order, and any text. */
const attempt = fc.oneof(
  fc.string(),
  fc
    .array(
      fc.constantFrom(
        'for=6.6.6.6',
        'for="6.6.6.6',
        '6.6.6.6',
        '"',
        '\\',
        ',',
        ';',
        '=',
        'x',
        ' ',
        'by="',
        '[',
        ']',
        ':',
      ),
      {
        maxLength: 12,
      },
    )
    .map((pieces) => pieces.join('')),
)

function seen(name: 'Forwarded' | 'X-Forwarded-For', value: string): string | null {
  const request = fakeRequest({ headers: { [name]: value }, connection: { remoteAddress: PROXY } })
  void compose([clientAddress(['private'], { field: name })], () => respond.empty())(request)
  return request.remoteAddress
}

test('whatever a client sends in Forwarded, it cannot choose its address', () => {
  const appended = fc.constantFrom(
    `for=${CLIENT}`,
    `for="${CLIENT}:4711"`,
    `for=${CLIENT};proto=https;by="[fd00::1]"`,
    `by=_proxy;for="${CLIENT}"`,
  )
  fc.assert(
    fc.property(attempt, appended, (sent, own) => {
      // Broken by the client, the field says nothing, and the proxy itself is what is sure.
      expect([CLIENT, PROXY]).toContain(seen('Forwarded', `${sent}, ${own}`))
    }),
    { numRuns: 2000 },
  )
})

test('whatever a client sends in X-Forwarded-For, it cannot choose its address', () => {
  fc.assert(
    fc.property(attempt, (sent) => {
      expect(seen('X-Forwarded-For', `${sent}, ${CLIENT}`)).toBe(CLIENT)
    }),
    { numRuns: 2000 },
  )
})
