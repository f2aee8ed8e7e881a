import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { memoryStore, sharedCounters } from '@tsws/security'
import type { StoreFor } from '@tsws/security'

const COUNTS = 'tsws: requests of each client'

/** Threads that are started from now on, by reloads too, count the requests of a client together. Processes cannot. */
export function countTogether(): void {
  if (getEnvironmentData(COUNTS) === undefined) setEnvironmentData(COUNTS, sharedCounters() as never)
}

/** Where this thread counts them. */
export function countsOfThreads(): StoreFor {
  const memory = getEnvironmentData(COUNTS) as unknown as SharedArrayBuffer | undefined
  return memoryStore(memory === undefined ? {} : { memory })
}
