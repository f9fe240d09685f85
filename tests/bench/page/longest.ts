// The longest task of the page's main thread while something ran. The browser tells of tasks from 50 ms on: 0 means that there was none.

export interface Watch {
  /** Milliseconds of the longest task since the watch began; 0 for none over 50. */
  stop(): Promise<number>
}

export function watchTasks(): Watch {
  let longest = 0
  const take = (entries: PerformanceEntryList) => {
    for (const { duration } of entries) longest = Math.max(longest, duration)
  }
  const observer = new PerformanceObserver((list) => take(list.getEntries()))
  observer.observe({ type: 'longtask' })
  return {
    stop: async () => {
      // The entry of a task is made after it: two turns later all are there.
      await new Promise((resolve) => setTimeout(resolve, 30))
      take(observer.takeRecords())
      observer.disconnect()
      return longest
    },
  }
}
