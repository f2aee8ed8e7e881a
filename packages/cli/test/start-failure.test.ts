import { describe, expect, test } from 'vitest'
import { parseArguments } from '../src/arguments.ts'
import type { ServeArguments } from '../src/arguments.ts'
import { explainStartFailure } from '../src/start-failure.ts'
import { StartError, UsageError } from '../src/usage-error.ts'

const { serve } = parseArguments(['--port', '80']) as { serve: ServeArguments }

const systemError = (code: string): Error => Object.assign(new Error(`listen ${code}`), { code })

describe('a failure to start', () => {
  test.each([
    ['EADDRINUSE', /port 80 on 127\.0\.0\.1 is taken/],
    ['EACCES', /port 80 .* without more rights/],
    ['EADDRNOTAVAIL', /--host 127\.0\.0\.1 is no address of this machine/],
  ])('by %s is told in one line', (code, message) => {
    const explained = explainStartFailure(systemError(code), serve)
    expect(explained).toBeInstanceOf(StartError)
    expect((explained as Error).message).toMatch(message)
  })

  test('by EACCES at a high port, which Windows keeps for itself, does not send to a higher one', () => {
    const { serve: high } = parseArguments(['--port', '8080']) as { serve: ServeArguments }
    const explained = explainStartFailure(systemError('EACCES'), high) as Error
    expect(explained.message).toMatch(/^port 8080 on 127\.0\.0\.1 is kept by the system\. Choose another/)
  })

  test('by a bad certificate is a slip on the command line', () => {
    const error = Object.assign(new Error('cert (/a.pem): there is no such file'), {
      name: 'CertificateError',
    })
    const explained = explainStartFailure(error, serve)
    expect(explained).toBeInstanceOf(UsageError)
    expect((explained as Error).message).toContain('cert (/a.pem): there is no such file')
  })

  test('that has none of these causes stays what it is, stack and all', () => {
    const error = new TypeError('a mistake of ours')
    expect(explainStartFailure(error, serve)).toBe(error)
  })
})
