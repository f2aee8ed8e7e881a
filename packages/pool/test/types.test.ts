import { describe, expectTypeOf, it } from 'vitest'
import type { Pool, StartThread, TaskStream, ThreadContext } from '../src/index.ts'
import type { MapItem, TaskArgs, TaskName } from '../src/types.ts'
import type * as tasks from './fixtures/tasks.ts'

type Tasks = typeof tasks
declare const pool: Pool<Tasks>

describe('the types of a pool', () => {
  it('follow from the exports of the module', () => {
    const check = (): void => {
      expectTypeOf(pool.run('add', [1, 2])).toEqualTypeOf<Promise<number>>()
      expectTypeOf(pool.run('later', ['x'])).toEqualTypeOf<Promise<string>>()
      expectTypeOf(pool.run('moved', [1])).toEqualTypeOf<Promise<Uint8Array>>()
      expectTypeOf(pool.run('countTo', [1])).toEqualTypeOf<Promise<TaskStream<number>>>()
      expectTypeOf(pool.run('add', [1, 2], { overflow: 'skip' })).toEqualTypeOf<Promise<number | undefined>>()
      expectTypeOf(pool.map('later', ['x'])).toEqualTypeOf<Promise<string[]>>()
    }
    expectTypeOf(check).toBeFunction()
  })

  it('refuse a wrong name, wrong arguments and what is no function', () => {
    const check = (): void => {
      // @ts-expect-error there is no such export
      void pool.run('subtract', [1, 2])
      // @ts-expect-error an argument is missing
      void pool.run('add', [1])
      // @ts-expect-error an argument is of the wrong type
      void pool.run('add', [1, '2'])
      // @ts-expect-error an argument too many
      void pool.run('add', [1, 2, 3])
      // @ts-expect-error the export is a number
      void pool.run('notAFunction', [])
      // @ts-expect-error the function needs two arguments
      void pool.map('add', [1, 2])
      // @ts-expect-error the items are of the wrong type
      void pool.map('later', [1, 2])
      // @ts-expect-error no such way to overflow
      void pool.run('add', [1, 2], { overflow: 'explode' })
    }
    expectTypeOf(check).toBeFunction()
  })

  it('take exactly the arguments of the function, and no other names', () => {
    expectTypeOf<TaskArgs<Tasks, 'add'>>().toEqualTypeOf<[a: number, b: number]>()
    expectTypeOf<[number, string]>().not.toExtend<TaskArgs<Tasks, 'add'>>()
    expectTypeOf<[number]>().not.toExtend<TaskArgs<Tasks, 'add'>>()
    expectTypeOf<[string]>().toExtend<TaskArgs<Tasks, 'later'>>() // the second has a default
    expectTypeOf<'add' | 'later'>().toExtend<TaskName<Tasks>>()
    expectTypeOf<'notAFunction'>().not.toExtend<TaskName<Tasks>>()
    expectTypeOf<'subtract'>().not.toExtend<TaskName<Tasks>>()
    expectTypeOf<MapItem<Tasks, 'add'>>().toBeNever() // it cannot be called with one argument
    expectTypeOf<MapItem<Tasks, 'later'>>().toEqualTypeOf<string>()
  })
})

describe('the types of a server pool', () => {
  it('give the thread its data, and want a connection handler from it', () => {
    expectTypeOf<Parameters<StartThread<{ greeting: string }>>[0]>().toEqualTypeOf<
      ThreadContext<{ greeting: string }>
    >()
    expectTypeOf<() => { drain(): void }>().not.toExtend<StartThread>()
    expectTypeOf<() => { connection(socket: string): void }>().not.toExtend<StartThread>()
    expectTypeOf<() => Promise<{ connection(): void }>>().toExtend<StartThread>()
  })
})
