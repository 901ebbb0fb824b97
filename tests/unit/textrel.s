# A word among the code that holds its own address: the dynamic linker has to write into what is only read otherwise.
	.text
	.globl textrel_word
	.type textrel_word, %object
	.size textrel_word, 8
	.balign 8
textrel_word:
	.quad textrel_word
	.section .note.GNU-stack, "", %progbits
