import { describe, expect, it } from 'vitest'
import { PEER_LIST, peersNamed } from '../../src/peers.ts'
import { SCENARIOS, scenariosNamed } from '../../src/scenarios/all.ts'
import { BROWSER_FIELDS, get, jsonEcho, pipelined } from '../../src/scenarios/messages.ts'
import { unable } from '../../src/scenarios/scenario.ts'

describe('the scenarios', () => {
  it('have names of their own', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length)
  })

  it('have at least two peers each to compare', () => {
    for (const scenario of SCENARIOS) {
      const able = PEER_LIST.filter((peer) => unable(scenario, peer) === null)
      expect(able.length, scenario.name).toBeGreaterThan(1)
    }
  })

  it('are refused by name when there is none of that name, with the list of those there are', () => {
    expect(() => scenariosNamed(['hallo'])).toThrow(/no scenario "hallo"; there are hello/)
    expect(() => peersNamed(['ngnix'])).toThrow(/no peer "ngnix"; there are tsws/)
  })
})

describe('the messages', () => {
  it('of a browser are about 700 bytes of fields', () => {
    const bytes = get(8080, '/', BROWSER_FIELDS).length - get(8080, '/').length
    expect(bytes).toBeGreaterThan(650)
    expect(bytes).toBeLessThan(750)
  })

  it.each([1024, 64 * 1024])(
    'post JSON of about %i bytes with its true length, and want it back unchanged',
    (size) => {
      const [message] = jsonEcho(8080, size)
      const [head, body] = message!.bytes.split('\r\n\r\n') as [string, string]
      expect(Math.abs(body.length - size)).toBeLessThan(size / 5)
      expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`)
      expect(JSON.stringify(JSON.parse(body))).toBe(body)
      expect(Buffer.from(message!.answers[0]!.body!).toString()).toBe(body)
    },
  )

  it('of a pipeline hold as many requests as answers are expected', () => {
    const [message] = pipelined(8080, 16)
    expect(message!.bytes.split('GET ').length - 1).toBe(16)
    expect(message!.answers).toHaveLength(16)
  })
})
