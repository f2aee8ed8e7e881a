/** What becomes of the tasks of a thread that has ended. */
import type { ThreadEndReason } from './diagnostics.ts'
import { PoolError } from './errors.ts'
import { State } from './slots.ts'
import type { Task } from './task.ts'
import type { TaskThread } from './thread.ts'

/** Threads that may crash over one task before any has begun it: once or twice it may have been something else. */
const MOST_DEATHS = 3

/**
 * A thread that crashes with tasks of which it has begun none may have died of reading them: arguments that take more
 * memory than it has. What it held is sent one by one from now on, so that the next time it is known to be the first.
 * @returns the task that so many threads have died of that no other is to have it
 */
export function deadlyTask(thread: TaskThread): Task | undefined {
  const { first } = thread.tasks
  for (let task = first; task; task = task.next) if (hasBegun(task, thread)) return undefined
  for (let task = first; task; task = task.next) {
    if (task === first || task.deaths === 0) task.deaths++
  }
  return first && first.deaths >= MOST_DEATHS ? first : undefined
}

export function deadlyTaskError(task: Task, cause: Error): PoolError {
  const text = `${task.deaths} threads crashed before they had begun task '${task.name}', which may be what they died of: ${cause.message}`
  return new PoolError('ERR_POOL_THREAD_CRASHED', text, { cause })
}

/** For a task that cannot be run elsewhere: it had begun and may have had effects, or its buffers went with the thread. */
export function lostTaskError(
  task: Task,
  thread: TaskThread,
  reason: ThreadEndReason,
  cause: Error,
): PoolError {
  if (reason !== 'crashed') {
    const text = `The thread was ended (${reason}) because of another task while it ran '${task.name}'`
    return new PoolError('ERR_POOL_THREAD_TERMINATED', text, { cause })
  }
  const lost = hasBegun(task, thread) ? '' : ', whose transferred buffers are lost'
  const text = `The thread crashed while it held task '${task.name}'${lost}: ${cause.message}`
  return new PoolError('ERR_POOL_THREAD_CRASHED', text, { cause })
}

function hasBegun(task: Task, thread: TaskThread): boolean {
  return thread.slots.state(task.slot) !== State.sent
}
