import { vi } from 'vitest'

// The same tests once more, through nothing but Node's streams: what an older Node, a socket that was
// tampered with, or `directSockets: false` gets has to be the same on the wire.
vi.stubEnv('TSWS_TEST_STREAMS', '1')

await import('./answers.test.ts')
await import('./bodies.test.ts')
await import('./close.test.ts')
await import('./connection.test.ts')
await import('./deadlines.test.ts')
await import('./drain.test.ts')
await import('./faults.test.ts')
await import('./pressure.test.ts')
await import('./websocket.test.ts')
