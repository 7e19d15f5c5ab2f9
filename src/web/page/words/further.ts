import { addWords } from '../words.ts';
import { furtherDe } from './further-de.ts';
import { furtherEn } from './further-en.ts';

// Parts that need these texts import this file, and so have them before they are shown.
addWords({ en: furtherEn, de: furtherDe });
