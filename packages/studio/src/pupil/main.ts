import '../style.css';
import { mount } from 'svelte';
import Pupil from './Pupil.svelte';

const target = document.querySelector('#quiz');
if (target !== null) mount(Pupil, { target });
