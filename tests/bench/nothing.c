/* A program that does nothing, so that what is measured is its start. */
int main(void)
{
        return 0;
}
