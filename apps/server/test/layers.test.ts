import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { Middleware } from '@tsws/http'
import { answerFields } from '../src/answer-fields.ts'
import { layersOf } from '../src/layers.ts'
import { resolveConfig } from '../src/options.ts'
import type { ServerConfig } from '../src/options.ts'
import { ServerMetrics } from '../src/server-metrics.ts'

function names(config: ServerConfig): string[] {
  const resolved = resolveConfig(config)
  return layersOf(resolved, answerFields(resolved), () => false, new ServerMetrics()).map(({ name }) => name)
}

const pass: Middleware = (request, next) => next(request)

describe('the layers', () => {
  test('stand in the documented order when all are on', () => {
    const config: ServerConfig = {
      root: tmpdir(),
      requestId: {},
      trustedProxies: ['loopback'],
      allowedHosts: ['localhost'],
      metrics: {},
      cors: {},
      rateLimit: { limit: 1 },
      auth: { basic: { users: { ada: 'lovelace' } } },
      decodeRequests: {},
      middleware: [pass, pass],
    }
    expect(names(config)).toEqual([
      'request id',
      'client address',
      'host guard',
      'security headers',
      'server-wide',
      'health',
      'metrics',
      'cors',
      'rate limit',
      'auth',
      'compress',
      'request decoding',
      'user',
      'user',
      'static',
    ])
  })

  test('are the safe ones when nothing is said', () => {
    expect(names({})).toEqual(['security headers', 'server-wide', 'health', 'compress'])
  })

  test('can each be left out', () => {
    expect(names({ securityHeaders: false, health: false, compress: false })).toEqual(['server-wide'])
  })
})
