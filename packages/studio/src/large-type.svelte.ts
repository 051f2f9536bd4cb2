/** @file Large type, for projectors and for eyes that want it: kept by the browser. */

const KEY = 'pareidolia-large-type';

class LargeType {
  on = $state(false);

  constructor() {
    try {
      this.on = localStorage.getItem(KEY) === 'on';
    } catch {
      // A browser that keeps nothing begins with the usual size.
    }
    this.#show();
  }

  set(on: boolean): void {
    this.on = on;
    this.#show();
    try {
      localStorage.setItem(KEY, on ? 'on' : 'off');
    } catch {
      // It holds until the page is closed.
    }
  }

  #show(): void {
    document.documentElement.classList.toggle('large-type', this.on);
  }
}

/** There is one for the page. */
export const largeType = new LargeType();
