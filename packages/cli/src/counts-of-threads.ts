import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { memoryStore, sharedCounters } from '@tsws/security'
import type { MemoryStoreOptions, StoreFor } from '@tsws/security'

const REQUESTS = 'tsws: requests of each client'
const FAILURES = 'tsws: wrong passwords of each client'

/** Threads that are started from now on, by reloads too, count what a client does together. Processes cannot. */
export function countTogether(): void {
  for (const what of [REQUESTS, FAILURES])
    if (getEnvironmentData(what) === undefined) setEnvironmentData(what, sharedCounters() as never)
}

/** Where this thread counts requests. */
export function requestCounts(): StoreFor {
  return memoryStore(sharedMemory(REQUESTS))
}

/** Where this thread counts wrong passwords. */
export function failureCounts(): MemoryStoreOptions {
  return sharedMemory(FAILURES)
}

function sharedMemory(what: string): MemoryStoreOptions {
  const memory = getEnvironmentData(what) as unknown as SharedArrayBuffer | undefined
  return memory === undefined ? {} : { memory }
}
