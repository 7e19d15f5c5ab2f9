import { render } from 'preact';
import { Page } from './page.tsx';
import './style.css';
import { speakAsWished } from './words.ts';

speakAsWished();
const place = document.getElementById('page');
if (place !== null) render(<Page />, place);
