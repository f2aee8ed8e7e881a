import { createPrivateKey } from 'node:crypto'
import { testCertificate } from '@tsws/testing'
import type { TestCertificate } from '@tsws/testing'
import { vi } from 'vitest'

/** A certificate that was made at another time: it is valid from the day before to 30 days after. */
export function certificateFrom(made: string): TestCertificate {
  vi.useFakeTimers({ now: Date.parse(made), toFake: ['Date'] })
  try {
    return testCertificate()
  } finally {
    vi.useRealTimers()
  }
}

export function encryptedKey(key: string, passphrase: string): string {
  return createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString()
}

/** The bytes between the lines of a PEM text. */
export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64')
}
