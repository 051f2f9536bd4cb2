/** @file The guided tour: where it goes, and what is said there. */

/** A stop of the tour. */
export interface TourStep {
  readonly title: string;
  readonly text: string;
  /** The room that is opened, as behind `#` in the address. */
  readonly room: string;
  /** What is pointed at: the value of a `data-tour` attribute; a room without it is shown as it is. */
  readonly target?: string;
}

export const TOUR: readonly TourStep[] = [
  {
    title: 'One image for each class',
    text: 'Each tile is the image that the network is most certain about, of all that were tried for that class. The figure below it is the confidence in the 8-bit image, as a file holds it.',
    room: 'watch',
    target: 'classes',
  },
  {
    title: 'Doubt gets smaller',
    text: 'The curve shows how certain the network is over time. Each line of the scale is ten times less doubt than the one below. Choose a tile to see its image large, and where it comes from.',
    room: 'watch',
    target: 'curves',
  },
  {
    title: 'Breed your own',
    text: 'Here you choose instead of the search. Pick the pictures you like and press “Next generation”: their children are a little different. Below each stands what the network takes it for.',
    room: 'breed',
    target: 'offspring',
  },
  {
    title: 'Fool it the other way round',
    text: 'An attack begins with a real picture and changes it so little that a person sees no difference, until the network takes it for something else. Press “Attack”, then move the slider below the curves.',
    room: 'attack',
    target: 'attack',
  },
  {
    title: 'Try your own network',
    text: 'Any image classifier as an ONNX file can be dropped on this page; it stays on this machine. The room Audit then measures how easily it is fooled.',
    room: 'watch',
    target: 'network',
  },
];
