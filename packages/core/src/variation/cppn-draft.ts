/** @file A CPPN genome while it is being changed. */

import { blankCppn, type CppnGenome, INPUTS, MOST_NODES } from '../encoding/cppn/genome.ts';

/**
 * Holds a copy of a genome in plain arrays, which grow and shrink at little cost. Nodes stay numbered so that links only
 * lead upwards; links are in no particular order until {@link genome} sorts them.
 */
export class Draft {
  /** As in the genome. */
  readonly activations: number[] = [];
  /** For each link. */
  readonly weights: number[] = [];
  readonly #sources: number[] = [];
  readonly #targets: number[] = [];
  #outputs: 1 | 3 = 1;

  /** Starts anew from a genome. */
  copy({ outputs, activations, linkCounts, sources, weights }: CppnGenome): void {
    this.#outputs = outputs;
    this.activations.length = 0;
    this.weights.length = this.#sources.length = this.#targets.length = 0;
    let link = 0;
    for (let node = 0; node < activations.length; node++) {
      this.activations.push(activations[node]!);
      for (const end = link + linkCounts[node]!; link < end; link++) {
        this.#sources.push(sources[link]!);
        this.#targets.push(INPUTS.length + node);
        this.weights.push(weights[link]!);
      }
    }
  }

  /** Number of links. */
  get links(): number {
    return this.weights.length;
  }

  /** Number of hidden nodes. */
  get hidden(): number {
    return this.activations.length - this.#outputs;
  }

  /** Adds a link unless it is there or would close a cycle; says whether it did. */
  addLink(source: number, target: number, weight: number): boolean {
    if (source === target) return false;
    for (let link = 0; link < this.links; link++) {
      if (this.#sources[link] === source && this.#targets[link] === target) return false;
    }
    if (source > target) {
      const after = this.#descendants(target);
      if (after[source] === 1) return false;
      [source, target] = this.#lift(target, source, after);
    }
    this.#push(source, target, weight);
    return true;
  }

  deleteLink(link: number): void {
    this.#move(this.links - 1, link);
    this.weights.length--;
    this.#sources.length--;
    this.#targets.length--;
  }

  /** Puts a node into the middle of a link; both halves keep its weight. Nothing happens in a genome that is full. */
  splitLink(link: number, activation: number): void {
    if (INPUTS.length + this.activations.length >= MOST_NODES) return;
    const target = this.#targets[link]!;
    // Just below the target, or below all outputs, so that the outputs stay last.
    const node = Math.min(target, INPUTS.length + this.hidden);
    const weight = this.weights[link]!;
    for (let i = 0; i < this.links; i++) {
      if (this.#sources[i]! >= node) this.#sources[i]!++;
      if (this.#targets[i]! >= node) this.#targets[i]!++;
    }
    this.activations.splice(node - INPUTS.length, 0, activation);
    this.#push(node, this.#targets[link]!, weight);
    this.#targets[link] = node;
  }

  /** Takes a hidden node out, with all its links. */
  deleteNode(node: number): void {
    for (let link = this.links - 1; link >= 0; link--) {
      if (this.#sources[link] === node || this.#targets[link] === node) this.deleteLink(link);
    }
    this.activations.splice(node - INPUTS.length, 1);
    for (let i = 0; i < this.links; i++) {
      if (this.#sources[i]! > node) this.#sources[i]!--;
      if (this.#targets[i]! > node) this.#targets[i]!--;
    }
  }

  /** The genome as it stands. */
  genome(): CppnGenome {
    this.#sort();
    const genome = blankCppn(this.#outputs, this.activations.length, this.links);
    const { activations, linkCounts, sources, weights } = genome;
    for (let node = 0; node < activations.length; node++) activations[node] = this.activations[node]!;
    for (let link = 0; link < weights.length; link++) {
      sources[link] = this.#sources[link]!;
      weights[link] = this.weights[link]!;
      linkCounts[this.#targets[link]! - INPUTS.length]!++;
    }
    return genome;
  }

  #push(source: number, target: number, weight: number): void {
    this.#sources.push(source);
    this.#targets.push(target);
    this.weights.push(weight);
  }

  #move(from: number, to: number): void {
    this.#sources[to] = this.#sources[from]!;
    this.#targets[to] = this.#targets[from]!;
    this.weights[to] = this.weights[from]!;
  }

  /** Marks `node` and every node that a path leads to from there. */
  #descendants(node: number): Uint8Array {
    const marked = new Uint8Array(INPUTS.length + this.activations.length);
    marked[node] = 1;
    for (let before = -1, count = 0; count !== before; ) {
      before = count;
      for (let link = 0; link < this.links; link++) {
        if (marked[this.#sources[link]!] === 1 && marked[this.#targets[link]!] === 0) {
          marked[this.#targets[link]!] = 1;
          count++;
        }
      }
    }
    return marked;
  }

  /**
   * Renumbers the nodes `low .. high` so that the descendants of `low`, which `high` is not one of, come last, without
   * other change of order: then a link from `high` to `low` leads upwards like all others.
   *
   * @returns the new numbers of `high` and `low`
   */
  #lift(low: number, high: number, descendants: Uint8Array): [number, number] {
    const renumbered = new Map<number, number>();
    let next = low;
    for (const pass of [0, 1]) {
      for (let node = low; node <= high; node++) if (descendants[node] === pass) renumbered.set(node, next++);
    }
    const activations = this.activations.slice(low - INPUTS.length, high + 1 - INPUTS.length);
    activations.forEach((activation, i) => {
      this.activations[renumbered.get(low + i)! - INPUTS.length] = activation;
    });
    for (let link = 0; link < this.links; link++) {
      this.#sources[link] = renumbered.get(this.#sources[link]!) ?? this.#sources[link]!;
      this.#targets[link] = renumbered.get(this.#targets[link]!) ?? this.#targets[link]!;
    }
    return [renumbered.get(high)!, renumbered.get(low)!];
  }

  /** By target, then source. Few links are out of place, for which insertion is the quickest sort. */
  #sort(): void {
    const { weights } = this;
    const sources = this.#sources;
    const targets = this.#targets;
    for (let i = 1; i < weights.length; i++) {
      const source = sources[i]!;
      const target = targets[i]!;
      const weight = weights[i]!;
      let at = i;
      for (; at > 0; at--) {
        const other = targets[at - 1]!;
        if (other < target || (other === target && sources[at - 1]! < source)) break;
        this.#move(at - 1, at);
      }
      sources[at] = source;
      targets[at] = target;
      weights[at] = weight;
    }
  }
}
