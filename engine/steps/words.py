"""Words of steps are the words of every form; see `engine.flows.words`."""

from engine.flows.words import Words as Words
