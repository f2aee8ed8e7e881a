import { describe, expect, it } from 'vitest'
import { luaScript, parseWrk } from '../../src/load/wrk.ts'

/** As wrk 4.1 printed it for a run of two seconds. */
const OUTPUT = `Running 2s test @ http://127.0.0.1:40331/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   610.42us    1.21ms  36.11ms   97.71%
    Req/Sec    91.13k     5.02k   98.31k    85.00%
  181304 requests in 2.00s, 31.12MB read
Requests/sec:  90622.11
Transfer/sec:     15.55MB

tsws-bench 181304 2000661 32635000 575 8360 32600 1 2 3 4 5
`

describe('parseWrk', () => {
  it('reads counts, time and percentiles, and adds up what went wrong on the way', () => {
    expect(parseWrk(OUTPUT)).toEqual({
      requests: 181_304,
      durationMs: 2000.661,
      bytes: 32_635_000,
      latency: { p50: 575, p99: 8360, p999: 32_600 },
      errors: { transport: 10, status: 5 },
    })
  })

  it('refuses output without its line, and shows what it got', () => {
    expect(() => parseWrk('unable to connect to 127.0.0.1')).toThrow('unable to connect')
  })

  it('refuses a line with a number missing or unreadable', () => {
    expect(() => parseWrk('tsws-bench 1 2 3')).toThrow(/eleven numbers/)
    expect(() => parseWrk('tsws-bench 1 2 3 4 5 6 7 8 9 10 nan')).toThrow(/eleven numbers/)
  })
})

describe('luaScript', () => {
  it('escapes every byte that Lua could take for something else', () => {
    const script = luaScript(['GET / HTTP/1.1\r\nX: "\\]]\r\n\r\n'])
    expect(script).toContain(String.raw`"GET / HTTP/1.1\013\010X: \034\092\093\093\013\010\013\010"`)
  })

  it('pads escapes, so that a digit behind one stays a digit', () => {
    expect(luaScript(['\r\n1'])).toContain(String.raw`"\013\0101"`)
  })

  it('sends one message without calling Lua per request, and several in turn', () => {
    expect(luaScript(['a'])).toContain('wrk.format = function')
    expect(luaScript(['a'])).not.toContain('request = function')
    expect(luaScript(['a', 'b'])).toContain('request = function')
  })
})
