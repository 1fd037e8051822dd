#ifndef OC_CTYPE_H
#define OC_CTYPE_H
int isalpha(int c);
int isdigit(int c);
int isxdigit(int c);
int isalnum(int c);
int isspace(int c);
int isprint(int c);
int isupper(int c);
int islower(int c);
int toupper(int c);
int tolower(int c);
#endif
