import './style.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { connectEngine, isServed } from './connection/connect.ts';
import { Session } from './session.svelte.ts';

const target = document.querySelector('#studio');
if (target !== null) mount(App, { target, props: { session: new Session(connectEngine()) } });

// A page without a server of ours keeps itself for when there is no network.
if (!isServed() && import.meta.env.PROD && 'serviceWorker' in navigator) {
  void navigator.serviceWorker.register('./service-worker.js');
}
